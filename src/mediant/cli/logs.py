"""Log lines: for people on a terminal, JSON by setting, never with a secret in them."""

import logging
import re
import sys
from typing import Any

import structlog

SECRET = re.compile(
    r"(?i)((?:apikey|api_key|token|password|authorization)[\"']?\s*[=:]\s*[\"']?(?:bearer\s+)?)"
    r"[^\s\"'&,}]+"
)
"""A name that announces a secret, and the secret; credentials in addresses are the next one."""
CREDENTIALS = re.compile(r"(://[^:/\s]*:)[^@/\s]+@")
QUIET_LIBRARIES = ("alembic", "watchfiles", "httpx2", "httpcore2", "asyncio")


def start_logging(*, as_json: bool, verbosity: int) -> None:
    """Send everything to stderr. `verbosity`: -1 errors, 0 what happens, 1 and more details."""
    level = {-1: logging.ERROR, 0: logging.INFO}.get(verbosity, logging.DEBUG)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(as_json=as_json))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _formatter(*, as_json: bool) -> logging.Formatter:
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        drop_colours,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: Any = structlog.processors.JSONRenderer()
    if not as_json:
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    tail = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=tail)


def drop_colours(_logger: Any, _method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Drop the second text that the HTTP server adds for terminals."""
    fields.pop("color_message", None)
    return fields


def redact(_logger: Any, _method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Replace what looks like a secret in every text of a log line."""
    return {key: _hide(value) if isinstance(value, str) else value for key, value in fields.items()}


def _hide(text: str) -> str:
    return CREDENTIALS.sub(r"\1***@", SECRET.sub(r"\1***", text))
