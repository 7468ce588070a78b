"""Logs as one JSON object a line. Ids and counts only: no path, no address, no text of an exception.

An exception may quote a value from a record, so only its kind and the places it passed are written.
"""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path
from typing import Any

#: What a log line may carry beside its message; anything else is dropped.
FIELDS = (
    "request_id",
    "route",
    "method",
    "status",
    "ms",
    "user",
    "landlord",
    "job",
    "task",
    "queries",
)
_PLACES = 12


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["places"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-_PLACES:]
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """Our own messages are written out; those of others keep their wording and lose what was put into it.

    Django puts the path, a queue puts the arguments of a task: either may hold what somebody typed.
    """
    if record.name.startswith(("rooftree", "gunicorn")):
        return record.getMessage()
    return str(record.msg)


def configuration(level: str = "INFO") -> dict[str, Any]:
    """The logging settings: everything to standard error, as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "rooftree.web.config.logs.JsonFormatter"}},
        "handlers": {"error": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["error"], "level": "WARNING"},
        "loggers": {
            "rooftree": {"level": level},
            "gunicorn.error": {"level": "WARNING", "handlers": ["error"], "propagate": False},
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            # The request log says the same, with the route in place of the path.
            "django.request": {"level": "ERROR", "handlers": [], "propagate": True},
            "django.server": {"level": "ERROR", "handlers": [], "propagate": True},
        },
    }
