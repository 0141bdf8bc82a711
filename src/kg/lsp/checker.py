"""The check, in a process of its own: typing is never held up, and a stale run can be ended.

The process reads requests from its standard input and writes answers to its standard output, one
pickle each; it ends when its input does, so that none outlives the server.
"""

import asyncio
import os
import pickle
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from kg.errors import KgError
from kg.findings import Finding

_LENGTH: Final = struct.Struct("!Q")


@dataclass(frozen=True)
class Request:
    """What to check.

    Attributes:
        root: The folder of the dataset.
        memory: A folder for what a check of the dataset keeps for the next one.
        unsaved: Texts of files of the dataset that are not as on disk, by name.
        alone: Texts that are checked on their own, by name.
        is_whole: Whether the dataset is to be checked, too.
    """

    root: Path
    memory: Path
    unsaved: Mapping[str, str] = field(default_factory=dict)
    alone: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True)
class Answer:
    """What a check found.

    Attributes:
        findings: By the name of the file.
        complete: Whether all rules were run on the dataset.
        error: Why it could not be done, or an empty string.
    """

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    complete: bool = True
    error: str = ""


def answer(request: Request) -> Answer:
    """Check what is asked for; the one place that calls `kg.check`."""
    from kg.check import incremental, run

    found: dict[str, list[Finding]] = {}
    complete = True
    try:
        if request.is_whole:
            report = incremental.check(request.root, request.memory, unsaved=request.unsaved).report
            complete = report.complete
            for finding in report.findings:
                found.setdefault(finding.path, []).append(finding)
        for name, text in request.alone.items():
            found[name] = run.check_text(text, name, request.root).findings
    except KgError as error:
        return Answer(found, False, str(error))
    return Answer(found, complete)


class CheckerError(Exception):
    """The process ended without an answer."""


class Checker:
    """The other end: one process, started when it is first needed and again when it has ended."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def check(self, request: Request) -> Answer:
        """Return what is found; one request at a time.

        Raises:
            CheckerError: The process ended before it had answered.
        """
        async with self._turn:
            process = await self._running()
            if process.stdin is None or process.stdout is None:
                raise CheckerError("the process of the check has no pipes")
            content = pickle.dumps(request)
            try:
                process.stdin.write(_LENGTH.pack(len(content)) + content)
                await process.stdin.drain()
                head = await process.stdout.readexactly(_LENGTH.size)
                body = await process.stdout.readexactly(_LENGTH.unpack(head)[0])
            except (asyncio.IncompleteReadError, ConnectionError):
                self.stop()
                raise CheckerError("the process of the check has ended") from None
            except asyncio.CancelledError:
                self.stop()  # its answer would be taken for that to the next request
                raise
            return _loaded(body)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # nothing is imported from the folder that the editor started us in
                "-c",
                "from kg.lsp.checker import main; main()",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        return self._process

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()


def _loaded(body: bytes) -> Answer:
    found = pickle.loads(body)  # noqa: S301  # from our own process, over its own pipe
    if not isinstance(found, Answer):
        raise CheckerError("the process of the check gave no answer")
    return found


def main() -> None:
    """Answer requests until the input ends; what anything prints goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while (request := _received(sys.stdin.buffer)) is not None:
        content = pickle.dumps(answer(request))
        out.write(_LENGTH.pack(len(content)) + content)
        out.flush()


def _received(stream: BinaryIO) -> Request | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    found = pickle.loads(stream.read(_LENGTH.unpack(head)[0]))  # noqa: S301  # from the server
    return found if isinstance(found, Request) else None
