"""What an operator may set: in a file of TOML, and above it on the command line.

[limits]
deadline_s = 20        # any attribute of kg.query.service.Limits
[server]
store = "http://127.0.0.1:7878/query"     # serve this endpoint and not a snapshot
service_origins = ["https://query.example.org"]
trusted_proxies = ["127.0.0.1"]
"""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from kg.errors import UsageError
from kg.query.service import Limits

FILE: Final = "settings.toml"  # in the workspace; read where none is named
_TABLES: Final = ("limits", "server")


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    Attributes:
        limits: What queries may use.
        store: A SPARQL endpoint to stand before, or None to serve a snapshot.
        drain_s: Seconds between SIGTERM, when `/readyz` turns to 503, and the end of listening.
        trusted_proxies: Addresses whose `X-Forwarded-For` is believed, for the quota.
    """

    limits: Limits = field(default_factory=Limits)
    store: str | None = None
    drain_s: float = 0.0
    trusted_proxies: tuple[str, ...] = ()


def read(path: Path | None, workspace: Path, given: Sequence[str] = ()) -> Settings:
    """Return the settings of a file, with what was given on the command line above them.

    Args:
        path: The file; None for `settings.toml` in the workspace, if it is there.
        workspace: Where that is.
        given: `NAME=VALUE`, each naming a limit.

    Raises:
        UsageError: The file cannot be read, or something in it is unknown or of a wrong type.
    """
    place = path or workspace / FILE
    found: dict[str, Any] = {}
    if path is not None or place.exists():
        try:
            found = tomllib.loads(place.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{place}: cannot be read as settings: {error}") from None
    unknown = sorted(set(found) - set(_TABLES))
    if unknown:
        raise UsageError(f"{place}: unknown table [{unknown[0]}]; there are: {', '.join(_TABLES)}")
    limits = _limits(Limits(), found.get("limits", {}), str(place))
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--limit {pair}: expected NAME=VALUE, such as deadline_s=5")
        limits = _limits(limits, {name: _number(value, pair)}, "--limit")
    return _server(Settings(limits), found.get("server", {}), place)


def _limits(limits: Limits, given: Mapping[str, Any], where: str) -> Limits:
    known = {item.name: type(getattr(limits, item.name)) for item in fields(Limits)}
    del known["service_origins"]  # of [server]
    for name, value in given.items():
        if name not in known:
            raise UsageError(f"{where}: unknown limit {name!r}; there are: {', '.join(known)}")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if (
            not is_number
            or not math.isfinite(value)
            or value < 0
            or (known[name] is int and value != int(value))
        ):
            raise UsageError(f"{where}: {name} = {value!r} is not a number that it can be")
        limits = replace(limits, **{name: known[name](value)})
    for name in ("deadline_s", "workers", "result_bytes", "memory_bytes"):
        if not getattr(limits, name):
            raise UsageError(f"{where}: {name} has to be above 0")
    return limits


def _number(value: str, pair: str) -> float:
    try:
        return float(value.replace("_", ""))
    except ValueError:
        raise UsageError(f"--limit {pair}: {value!r} is not a number") from None


def _server(settings: Settings, given: Mapping[str, Any], place: Path) -> Settings:
    for name, value in given.items():
        if name == "store" and isinstance(value, str):
            settings = replace(settings, store=value)
        elif name == "service_origins" and _is_list_of_text(value):
            limits = replace(settings.limits, service_origins=tuple(_origins(value, place)))
            settings = replace(settings, limits=limits)
        elif name == "drain_s" and isinstance(value, int | float) and value >= 0:
            settings = replace(settings, drain_s=float(value))
        elif name == "trusted_proxies" and _is_list_of_text(value):
            settings = replace(settings, trusted_proxies=tuple(value))
        else:
            raise UsageError(f"{place}: [server] {name} = {value!r} is not a setting")
    return settings


def _origins(given: Sequence[str], place: Path) -> Iterator[str]:
    for origin in given:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}":
            raise UsageError(
                f"{place}: service_origins: {origin!r} is not an origin, such as "
                "https://query.example.org (no path, no slash at the end)"
            )
        yield origin.lower()


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
