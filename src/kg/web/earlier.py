"""Queries to a release that is no longer served: its snapshot is started on demand, for a while.

The permalink of a result names its query and a release. While that release is the one that is
served, it answers as always. Later it takes a second pool of workers, with the snapshot of the
release, which is written again from its dump where the workspace no longer has it. There is one
such pool at a time; it ends when nobody has asked it for `IDLE_S`.

What was removed on request since then is left out. That is the one thing which changes an answer.
Such a snapshot is no release: it is written into a folder of its own, and goes with the pool.
"""

import asyncio
import contextlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg import retired
from kg.archive import lines_of
from kg.errors import BuildError, KgError
from kg.query.protocol import ProtocolError
from kg.query.service import Limits
from kg.release import Release
from kg.scratch import Scratch
from kg.snapshot import Snapshot, keep, open_snapshot
from kg.web.deployment import Deployment, of_snapshot
from kg.web.timeline import Timeline

IDLE_S: Final = 300.0
HELD_S: Final = 15.0  # for so long after its last question a release is not put out for another
WAIT_S: Final = 5.0  # how long a request waits for a release that is starting
_RETRY_S: Final = 5


class Earlier:
    """Finds what answers queries to a release."""

    def __init__(self, workspace: Path | None, limits: Limits, timeline: Timeline) -> None:
        """Make it; nothing is started yet.

        Args:
            workspace: Where snapshots and releases are; None for none.
            limits: What queries may use; of workers, one in each lane.
            timeline: Knows the releases.
        """
        self._workspace = workspace
        self._limits = replace(limits, workers=1)
        self._timeline = timeline
        self._running: Deployment | None = None
        self._without: frozenset[str] = frozenset()  # what is left out of what runs
        self._scratch: Scratch | None = None
        self._asked = 0.0
        self._starting: tuple[str, asyncio.Task[None]] | None = None
        self._watch: asyncio.Task[None] | None = None

    async def find(self, version: str, current: Deployment) -> Deployment:
        """Return what answers queries to a release.

        Args:
            version: Of the release.
            current: What is served.

        Raises:
            ProtocolError: 404 where there is no such release, 503 while it is being started.
            KgError: It cannot be started.
        """
        release = self._timeline.archive.release(version)
        if release is None:
            known = [found.version for found in self._timeline.archive.releases]
            there = f"there are: {', '.join(known)}" if known else "nothing is released yet"
            raise ProtocolError(404, "No such release", f"no release {version!r}; {there}")
        if release.snapshot == current.snapshot_id:
            return current
        if not self._answers_for(version):
            await self._started(release)
        self._asked = time.monotonic()
        if self._running is None or not self._answers_for(version):
            raise _later(f"release {version} has just been put out")
        return self._running

    async def close(self) -> None:
        """End what runs."""
        tasks = [self._watch, self._starting[1] if self._starting else None]
        for task in tasks:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, KgError):
                    await task
        await self._put_out()

    def _answers_for(self, version: str) -> bool:
        return (
            self._running is not None
            and self._running.release == version
            and self._without == self._timeline.hidden
        )

    async def _started(self, release: Release) -> None:
        """Wait for a while until a release answers, after having it started."""
        if self._starting is None or self._starting[1].done():
            if self._is_held():
                raise _later(f"another release than {release.version} is being asked")
            task = asyncio.create_task(self._start(release))
            self._starting = (release.version, task)
        version, task = self._starting
        if version == release.version:
            await asyncio.wait([task], timeout=WAIT_S)
        if not task.done() or version != release.version:
            raise _later(f"release {version} is being started")
        task.result()

    def _is_held(self) -> bool:
        """Tell whether what runs is in use, and shows nothing that it may not show."""
        if self._running is None or self._without != self._timeline.hidden:
            return False
        return bool(self._running.users) or time.monotonic() - self._asked < HELD_S

    async def _start(self, release: Release) -> None:
        await self._put_out()
        self._without = self._timeline.hidden
        snapshot = await asyncio.to_thread(self._snapshot_of, release, self._without)
        made = await asyncio.to_thread(of_snapshot, snapshot, self._limits)
        try:
            await made.start()
        except BaseException:
            await made.close()
            raise
        made.release = release.version
        self._running, self._asked = made, time.monotonic()
        self._watch = asyncio.create_task(self._until_idle())

    def _snapshot_of(self, release: Release, hidden: frozenset[str]) -> Snapshot:
        """Return the snapshot of a release, from its dump where the workspace has it no more.

        Args:
            release: That is asked.
            hidden: Paths of what is left out.
        """
        if self._workspace is None:
            raise BuildError(f"{release.folder}: no workspace to start it from")
        place = self._workspace
        if hidden:
            self._scratch = Scratch(self._workspace)
            place = self._scratch.path
        else:
            with contextlib.suppress(BuildError):
                return open_snapshot(self._workspace / "snapshots" / release.snapshot)
        found = keep(
            place,
            retired.without(lines_of(release), hidden, release.base),
            version=release.version,
            software=release.software,
            base=release.base,
            inputs={},
        )
        if not hidden and found.manifest.snapshot != release.snapshot:
            raise BuildError(f"{release.folder}: the dump is not what was released; restore it")
        return found

    async def _until_idle(self) -> None:
        """End what runs when nobody has asked it for a while."""
        while (left := IDLE_S - (time.monotonic() - self._asked)) > 0:
            await asyncio.sleep(left)
        self._watch = None
        await self._put_out()

    async def _put_out(self) -> None:
        """End what runs, when its last request is answered."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        running, self._running = self._running, None
        scratch, self._scratch = self._scratch, None
        try:
            if running is not None:
                await running.end()
        finally:
            if scratch is not None:
                await asyncio.to_thread(scratch.remove)


def _later(why: str) -> ProtocolError:
    headers = {"Retry-After": str(_RETRY_S)}
    return ProtocolError(503, "Release not ready", f"{why}; ask again in {_RETRY_S} s", headers)
