"""What the server writes down while it runs: one line for each event, as JSON or as text.

A log is read by more people than the data and is kept longer, so it holds nothing of whoever asks:
an event has only the fields of `FIELDS`, and none of them takes an address, a user agent, a
referer, a query or a path. Messages of other packages, and those that come with an exception, are
reduced to the words that stand in the code: values put into them, and what an exception says, may
hold what a client sent.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from kg.errors import UsageError

FORMS: Final = ("json", "text", "none")
REQUESTS: Final = ("all", "slow", "none")
REQUEST_LOG: Final = "kg.requests"  # the logger of the lines about requests
FIELDS: Final = frozenset(
    (
        *("bytes", "cache", "class", "code", "elapsed_ms", "after_s", "method", "mode"),
        *("outcome", "pid", "query", "reason", "snapshot", "software", "status", "version"),
    )
)
_OURS: Final = "kg"
_REQUEST_LEVELS: Final = {
    "all": logging.DEBUG,
    "slow": logging.INFO,
    "none": logging.CRITICAL,
}
Value = str | int | float | bool | None


def configure(form: str, *, requests: str = "all", stream: TextIO | None = None) -> None:
    """Say how this process writes its log; replaces what was said before.

    Args:
        form: `json`, `text`, or `none` for no log at all.
        requests: Which requests have a line: `all` (but those that cost next to nothing), `slow`
            (those that took long or failed), or `none`. Other events are written in any case.
        stream: Where to; standard error if None.

    Raises:
        UsageError: `form` or `requests` is none of these.
    """
    if form not in FORMS:
        raise UsageError(f"log form {form!r} is not known; expected one of: {', '.join(FORMS)}")
    if requests not in REQUESTS:
        raise UsageError(
            f"log of requests {requests!r} is not known; expected one of: {', '.join(REQUESTS)}"
        )
    root = logging.getLogger()
    for handler in [found for found in root.handlers if isinstance(found, (_Handler, _Silence))]:
        root.removeHandler(handler)
    root.addHandler(_Silence() if form == "none" else _Handler(form, stream or sys.stderr))
    level = logging.CRITICAL if form == "none" else logging.INFO
    logging.getLogger(_OURS).setLevel(level)
    logging.getLogger(REQUEST_LOG).setLevel(max(_REQUEST_LEVELS[requests], _silent(form)))


def event(logger: logging.Logger, name: str, level: int = logging.INFO, **fields: Value) -> None:
    """Write an event down.

    Args:
        logger: Of the module where it happens.
        name: What happened, in lower case with hyphens, such as `worker-killed`.
        level: How much it matters, as in `logging`.
        fields: More about it; a field that is None is left out.

    Raises:
        ValueError: A field is none of `FIELDS`.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(
            f"event {name}: a log has no field {', '.join(sorted(unknown))}; if it can hold "
            "nothing personal, add it to FIELDS"
        )
    if logger.isEnabledFor(level):
        known = {field: value for field, value in fields.items() if value is not None}
        logger.log(level, "%s", name, extra={"kg_event": name, "kg_fields": known})


def _silent(form: str) -> int:
    return logging.CRITICAL if form == "none" else logging.NOTSET


class _Silence(logging.NullHandler):
    """Takes what nobody wants; without it, `logging` would print warnings by itself."""


class _Handler(logging.StreamHandler[TextIO]):
    def __init__(self, form: str, stream: TextIO) -> None:
        super().__init__(stream)
        self._is_json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
        line = _line(record)
        if self._is_json:
            return json.dumps(line, ensure_ascii=False)
        time, level, name = line.pop("time"), line.pop("level"), line.pop("event")
        rest = [f"{field}={_quoted(value)}" for field, value in line.items()]
        return " ".join([time, level, name, *rest])


def _line(record: logging.LogRecord) -> dict[str, Any]:
    """Return what is written of a record."""
    time = datetime.fromtimestamp(record.created, UTC)
    name = getattr(record, "kg_event", None)
    line: dict[str, Any] = {
        "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": name or "message",
    }
    if name is not None:
        return line | getattr(record, "kg_fields", {})
    is_safe = record.name.partition(".")[0] == _OURS and not record.exc_info
    line |= {"logger": record.name, "message": record.getMessage() if is_safe else _words(record)}
    if record.exc_info and record.exc_info[0] is not None:
        line["exception"] = record.exc_info[0].__qualname__
        frames = traceback.extract_tb(record.exc_info[2])
        line["at"] = [f"{frame.name}:{frame.lineno}" for frame in frames]
    return line


def _words(record: logging.LogRecord) -> str:
    """Return the first line of a message, without the values put into it."""
    return str(record.msg).partition("\n")[0]


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    is_plain = text.isprintable() and not set(text) & set(' "=')
    return text if is_plain and text else json.dumps(text, ensure_ascii=False)
