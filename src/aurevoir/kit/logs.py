"""Structured logs that never carry a secret: names that hold one are blanked, and so is what looks like one."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

_SECRET_NAMES = re.compile(r"token|secret|password|authorization|cookie|capability|e-?mail|text|comment", re.IGNORECASE)
_SECRET_VALUES = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*|avk_[\w-]+|ses_[0-9a-f]{32}\.[0-9a-f]+|(?<=/exit/v/)[\w-]+|(?<=/exit/receipts/)[\w./-]+"
    r"|(?<=/exit/declarations/)[\w./-]+"
    r"|[^\s@]+@[^\s@]+\.[^\s@]+"
)
BLANK = "[redacted]"


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor."""
    for name, value in event.items():
        if name != "event" and _SECRET_NAMES.search(name):
            event[name] = BLANK
        elif isinstance(value, str):
            event[name] = _SECRET_VALUES.sub(BLANK, value)
    return event


def configure(form: Literal["json", "console"]) -> None:
    """Log to standard error from here on."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
