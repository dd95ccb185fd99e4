"""What was typed wrong, in one sentence: which option, what was given, what is allowed."""

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mediant.errors import Invalid
from mediant.settings.faults import explain_fault


def read_usage(wrong: typer.TyperException) -> Invalid:
    """What Typer found wrong with the command line, said as every other error."""
    cause = wrong.__cause__
    if isinstance(cause, ValidationError):
        text = _say(_innermost(cause))
    elif _place(wrong):
        text = _close(wrong.message or wrong.format_message())
    else:
        text = _close(wrong.format_message())
    ctx = getattr(wrong, "ctx", None)
    remedy = f"See: {ctx.command_path} --help" if ctx is not None else None
    return Invalid(text, asset=_place(wrong), remedy=remedy)


def _place(wrong: typer.TyperException) -> str | None:
    """The option as it is typed, or the argument's name. What is missing names itself."""
    hint, param = getattr(wrong, "param_hint", None), getattr(wrong, "param", None)
    if hint is not None or param is None:
        return hint if isinstance(hint, str) else None
    if not wrong.message and wrong.__cause__ is None:
        return None
    return max(param.opts, key=len) if param.param_type_name == "option" else str(param.name)


def _innermost(bad: ValidationError) -> ErrorDetails:
    """The first fault; of a list that of its item."""
    fault = bad.errors()[0]
    inner = fault.get("ctx", {}).get("error")
    return _innermost(inner) if isinstance(inner, ValidationError) else fault


def _say(fault: ErrorDetails) -> str:
    sentence = explain_fault(fault)
    if fault["type"] == "value_error":  # a sentence of Typer's own, which names the value
        return sentence
    return f"{str(fault['input'])!r} does not fit: {sentence[0].lower()}{sentence[1:]}"


def _close(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
