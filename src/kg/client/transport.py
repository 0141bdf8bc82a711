"""Requests to a service: queries by SPARQLWrapper, the rest by httpx, all of them polite.

A server that is busy (503) or has been asked too often (429) says when to come back (RFC 9110,
section 10.2.3; RFC 6585, section 4). That time is waited; without it the pause doubles from one
attempt to the next, with a random part, so that many clients do not come back at once. Nothing is
tried more than `Patience.attempts` times, and nothing that was refused for another reason is tried
again.
"""

import ast
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Final, TypeVar
from urllib.error import HTTPError

import httpx
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kg import __version__
from kg.client.errors import NoAnswerError, RefusedError

AGENT: Final = f"citypledge-client/{__version__}"
_AGAIN: Final = (429, 503)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Patience:
    """How a client waits.

    Attributes:
        attempts: Most requests for one answer.
        first_s: Pause before the second one, in seconds, where the server names none; doubles.
        longest_s: Longest pause in seconds; a server that wants a longer one is given up.
        timeout_s: Seconds until a request without an answer is given up.
        sleep: Waits so many seconds.
        jitter: Gives a number from 0 to 1.
    """

    attempts: int = 5
    first_s: float = 0.5
    longest_s: float = 60.0
    timeout_s: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, attempt: int, wanted: str | None) -> float | None:
        """Return the seconds to wait after an attempt; None where it is to be given up.

        Args:
            attempt: Its number, from 1.
            wanted: `Retry-After`, or None.
        """
        if attempt >= self.attempts:
            return None
        asked = None if wanted is None else _seconds(wanted)
        if asked is None:
            return min(self.longest_s, self.first_s * 2.0 ** (attempt - 1)) * (
                0.5 + self.jitter() / 2
            )
        if asked > self.longest_s:
            return None
        return asked + self.jitter() * self.first_s


class _AgainError(Exception):
    """The server asks to come back later."""

    def __init__(self, status: int, wanted: str | None, detail: str) -> None:
        super().__init__(detail)
        self.refused = RefusedError(status, detail)
        self.wanted = wanted


class Transport:
    """Asks one service."""

    def __init__(self, url: str, patience: Patience) -> None:
        """Make it; `url` is the address of the service, without a slash at its end."""
        self.url = url
        self.patience = patience

    def query(
        self, text: str, parameters: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        """Return the answer to a query as JSON, and the headers of the response.

        Args:
            text: The query.
            parameters: More parameters of the request.

        Raises:
            RefusedError: The service refused it.
            NoAnswerError: There is none, or not all of it.
        """
        return self._politely(lambda: self._query_once(text, parameters))

    def get(self, path: str, parameters: Mapping[str, str]) -> tuple[Any, Mapping[str, str]]:
        """Return what is at a path of the service, as JSON, and the headers of the response.

        Raises:
            RefusedError, NoAnswerError: As in `query`.
        """
        return self._politely(lambda: self._send_once("GET", path, params=dict(parameters)))

    def post(self, path: str, fields: Mapping[str, str]) -> tuple[Any, Mapping[str, str]]:
        """Return the answer to a form, in the same way."""
        return self._politely(lambda: self._send_once("POST", path, data=dict(fields)))

    def _politely(self, attempt: Callable[[], _Answer]) -> _Answer:
        number = 0
        while True:
            number += 1
            try:
                return attempt()
            except _AgainError as again:
                pause = self.patience.pause(number, again.wanted)
                if pause is None:
                    raise again.refused from None
                self.patience.sleep(pause)

    def _query_once(
        self, text: str, parameters: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        client = SPARQLWrapper(f"{self.url}/sparql", agent=AGENT)
        client.setQuery(text)
        client.setMethod(POST)
        client.setReturnFormat(JSON)
        client.setTimeout(max(1, int(self.patience.timeout_s)))
        for name, value in parameters:
            client.addParameter(name, value)
        try:
            result = client.query()
            headers = {name.lower(): value for name, value in result.info().items()}
            return json.loads(result.response.read()), headers
        except HTTPError as error:
            raise self._refusal(
                error.code, error.headers.get("Retry-After"), error.read()
            ) from None
        except SPARQLWrapperException as error:
            raise _as_refused(error) from None
        except (HTTPException, OSError, ValueError) as error:
            raise self._none(error) from error

    def _send_once(self, method: str, path: str, **parts: Any) -> tuple[Any, Mapping[str, str]]:
        headers = {"Accept": "application/json", "User-Agent": AGENT}
        try:
            found = httpx.request(
                method,
                self.url + path,
                headers=headers,
                timeout=self.patience.timeout_s,
                follow_redirects=True,
                **parts,
            )
            if found.status_code != httpx.codes.OK:
                wanted = found.headers.get("retry-after")
                raise self._refusal(found.status_code, wanted, found.content)
            return found.json(), found.headers
        except (httpx.HTTPError, ValueError) as error:
            raise self._none(error) from error

    def _refusal(self, status: int, wanted: str | None, body: bytes) -> Exception:
        detail = _detail(body.decode(errors="replace"))
        return (
            _AgainError(status, wanted, detail)
            if status in _AGAIN
            else RefusedError(status, detail)
        )

    def _none(self, error: Exception) -> NoAnswerError:
        said = str(error).strip().splitlines()
        reason = said[0] if said else type(error).__name__
        return NoAnswerError(f"{self.url}: no whole answer: {reason}")


def _as_refused(error: SPARQLWrapperException) -> RefusedError:
    """Return what SPARQLWrapper knows of a refusal: it shows the body as Python writes bytes."""
    cause = error.__context__
    status = cause.code if isinstance(cause, HTTPError) else 500
    shown = str(error).partition("Response:\n")[2]
    body = ast.literal_eval(shown) if shown else b""
    return RefusedError(status, _detail(body.decode(errors="replace")))


def _detail(body: str) -> str:
    """Return what an error says: the detail of a problem (RFC 9457), or its first characters."""
    try:
        found = json.loads(body)
        return f"{found['title']}: {found['detail']}"
    except (ValueError, KeyError, TypeError):
        return body.strip()[:500]


def _seconds(wanted: str) -> float | None:
    """Return the seconds that `Retry-After` names, as a number or as a moment; None for neither."""
    if wanted.strip().isdecimal():
        return float(wanted)
    try:
        moment = parsedate_to_datetime(wanted)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
