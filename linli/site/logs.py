"""What goes to standard error, one line per event and nothing in it about a person.

Values are kept out by rule and not by care. A record of ours is written as it stands; of a record of anybody else's only the words
before the first value. Of an error the type and the places it went through, never its message: a database puts the row into it.
"""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from http.client import responses
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACES = 12  # innermost calls told of an error
_VALUE = re.compile(r"[%:={}()\[\]'\"<>/\\]|\d")
request_id: ContextVar[str] = ContextVar("request_id", default="")
Error = tuple[type[BaseException], BaseException, TracebackType | None]


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Time, level, logger, event; the request's id, fields of our own records, a job's name, a signal, an error's type and places."""
    told: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": _event(record),
    }
    if request_id.get():
        told["request"] = request_id.get()
    told |= getattr(record, "fields", {}) | _job(record) | _signal(record)
    if record.exc_info and record.exc_info[0] is not None:
        told |= _error(record.exc_info)  # type: ignore[arg-type]
    return told


def _event(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] == "linli":
        return record.getMessage()
    words = _VALUE.split(str(record.msg), maxsplit=1)[0].strip()[:120]
    return words or responses.get(getattr(record, "status_code", 0), "")


def _job(record: logging.LogRecord) -> dict[str, Any]:
    """What procrastinate says of a job beside its message: the message has the arguments in it."""
    job, action = getattr(record, "job", None), getattr(record, "action", None)
    found: dict[str, Any] = {"action": str(action)} if action else {}
    return found | ({"job": job.get("id"), "task": job.get("task_name")} if isinstance(job, dict) else {})


def _signal(record: logging.LogRecord) -> dict[str, Any]:
    """The signal that ended a process of gunicorn's: what it was tells a full disk from too little memory."""
    arguments = record.args if isinstance(record.args, tuple | list) else ()
    named = [one for one in arguments if isinstance(one, str) and one in signal.Signals.__members__]
    return {"signal": named[0]} if named else {}


def _error(info: Error) -> dict[str, Any]:
    kind, error, trace = info
    told = {"error": f"{kind.__module__}.{kind.__qualname__}", "places": places(trace)}
    code = getattr(error, "code", None)
    return told | ({"code": code} if isinstance(code, str) else {})


def places(trace: TracebackType | None) -> list[str]:
    """`linli/web/views/my.py:81 home`, outermost first."""
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-PLACES:]]


def _short(file: str) -> str:
    path = Path(file)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def log_what_nobody_caught() -> None:
    """For processes that serve: what ends one of them or one of its threads becomes a line too, and no traceback with values in it."""
    log = logging.getLogger("linli.process")

    def ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.critical("the process ends", exc_info=(kind, error, trace))

    def thread_ended(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            log.critical("a thread ends", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))

    sys.excepthook = ended
    threading.excepthook = thread_ended


class JsonLines(logging.Formatter):
    """LINLI_LOG=json: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(fields_of(record), ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """LINLI_LOG=text: the same for a reader at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; an error's places below it, one each."""
        told = fields_of(record)
        where = told.pop("places", [])
        first = " ".join(str(told.pop(name)) for name in ("at", "level", "logger", "event"))
        rest = " ".join(f"{name}={value}" for name, value in told.items())
        return "\n    ".join([f"{first} {rest}".rstrip(), *where])
