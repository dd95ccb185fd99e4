"""What is wrong with a value, as a sentence for people."""

from collections.abc import Mapping

from pydantic_core import ErrorDetails

_SENTENCES: Mapping[str, str] = {
    "bool_parsing": "It is `true` or `false`.",
    "bool_type": "It is `true` or `false`.",
    "int_parsing": "It is a whole number.",
    "int_type": "It is a whole number.",
    "int_from_float": "It is a whole number.",
    "float_parsing": "It is a number.",
    "float_type": "It is a number.",
    "finite_number": "It is a finite number.",
    "string_type": "It is a text.",
    "list_type": "It is a list.",
    "path_type": "It is a path.",
    "model_type": "It is a section: `name: value` lines stand below it.",
    "model_attributes_type": "It is a section: `name: value` lines stand below it.",
    "dict_type": "It is a section: `name: value` lines stand below it.",
    "extra_forbidden": "There is no such setting.",
    "missing": "It is needed.",
}
"""Kind of fault, as pydantic names it -> what the value would have to be."""

_LIMITS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "It is more than {}."),
    "greater_than_equal": ("ge", "It is at least {}."),
    "less_than": ("lt", "It is less than {}."),
    "less_than_equal": ("le", "It is at most {}."),
    "string_too_short": ("min_length", "It has {} characters at least."),
    "string_too_long": ("max_length", "It has {} characters at most."),
    "string_pattern_mismatch": ("pattern", "It has the form `{}`."),
    "literal_error": ("expected", "It is {}."),
}
"""Kind of fault -> which part of its context names the limit, and the sentence."""


def explain_fault(fault: ErrorDetails) -> str:
    """One sentence. It never repeats the value, which may be a secret."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind in _LIMITS:
        limit, sentence = _LIMITS[kind]
        return sentence.format(context.get(limit))
    text = fault["msg"].removeprefix("Value error, ")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def name_of(fault: ErrorDetails) -> str:
    """The dotted name of what the fault is in; the number of a list's item stands behind it."""
    return ".".join(str(part) for part in fault["loc"])
