"""A snapshot that is being served: what answers its queries and makes its pages.

The server has one at a time, and takes up a new snapshot by making a second one, trying it, and
putting it in the place of the first, which ends when its last request is answered.
"""

import asyncio
import json
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from kg.errors import KgError
from kg.logs import event
from kg.mediatypes import RESULTS_JSON
from kg.query.backend import Backend, QueryTimeoutError
from kg.query.pool import Pool, PoolLimits
from kg.query.protocol import QueryRequest
from kg.query.remote import RemoteBackend, RemoteLimits
from kg.query.remote_store import RemoteStore
from kg.query.service import Limits, QueryService, gather
from kg.query.worker import CODED_FROM, coded, coder_for
from kg.snapshot import Snapshot, current, on_disk
from kg.web.links import mount_of
from kg.web.metrics import CountedService
from kg.web.pages import Pages
from kg.web.printed import Printed, file_for
from kg.web.site import DATA_LICENCE, Served, Site, release, release_time

_TRIED_BY: Final = """PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?licence { GRAPH ?graph { <%sdataset> dcterms:license ?licence } } ORDER BY ?licence LIMIT 1
"""
_LOOK_S: Final = 0.05
_PRINT_S: Final = 3600.0
_LOG: Final = logging.getLogger(__name__)
# Measured on generated data of 1 and 10 million quads; see docs/scaling.md.
_MEMORY_PER_BYTE: Final = 2.5


@dataclass(frozen=True)
class PageReply:
    """An answer to a request for a page.

    Attributes:
        status: HTTP status code.
        headers: Names and values.
        body: All of it, coded.
        encoding: Content coding of the body, or None.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    encoding: str | None


class PageMaker(Protocol):
    """Makes pages and documents."""

    async def page(self, job: dict[str, Any]) -> PageReply:
        """Return the answer to a job of `kg.web.pages`.

        Raises:
            KgError: There is none: too busy, too slow, or the worker died.
        """

    def close(self) -> None:
        """Let go of what it reads from."""


@dataclass
class Deployment:
    """What serves one snapshot.

    Attributes:
        base: What every IRI of the dataset begins with.
        version: Of the dataset.
        snapshot_id: A hash of the content.
        service: Answers queries.
        pages: Makes pages.
        facts: The attributes of `kg.web.site.Served` but the store.
        mode: Where the data is: `memory`, `disk` or `remote`.
        replies: Answers that hold for the whole life of the deployment, by the bytes of the
            request; see `kg.web.replay`.
        users: Requests that it is answering.
        built: When the files of the snapshot were written, in seconds since 1970; None where
            there are none.
        folder: Of the snapshot; None where there is none.
        printed: The documents that were made ahead; None where they are not there (yet).
        release: Version under which the snapshot was released; None where it was not.
        licence: IRI of the licence of the data; known when it is started.
    """

    base: str
    version: str
    snapshot_id: str
    service: QueryService
    pages: PageMaker
    facts: dict[str, Any]
    mode: str = "memory"
    replies: dict[bytes, Any] = field(default_factory=dict)
    users: int = 0
    built: float | None = None
    folder: Path | None = None
    printed: Printed | None = None
    release: str | None = None
    licence: str = DATA_LICENCE

    @cached_property
    def mount(self) -> str:
        """The path of the base; see `kg.web.links`."""
        return mount_of(self.base)

    @cached_property
    def modified(self) -> float | None:
        """When its pages may have changed last, in seconds since 1970; see `kg.web.site`."""
        return None if self.built is None else max(self.built, release_time())

    @property
    def backend(self) -> Backend:
        """What the service asks."""
        return self.service.backend

    @contextmanager
    def in_use(self) -> Iterator["Deployment"]:
        """Keep it from being ended in the middle of a request."""
        self.users += 1
        try:
            yield self
        finally:
            self.users -= 1

    async def start(self) -> None:
        """Start it, and make sure that it answers.

        Raises:
            KgError: It does not.
        """
        await self.backend.start()
        query = QueryRequest(_TRIED_BY % self.base)
        result = await self.service.run(query, lambda form: RESULTS_JSON)
        rows = json.loads(await gather(result, 1 << 16))["results"]["bindings"]
        self.licence = rows[0]["licence"]["value"] if rows else DATA_LICENCE

    async def print_ahead(self) -> None:
        """Have the documents made ahead, unless they are there already, and use them."""
        backend = self.backend
        if self.folder is None or not isinstance(backend, Pool):
            return
        path = file_for(self.folder, release())
        try:
            if not path.exists():
                job = {"kind": "print", "path": str(path)}
                answer = await backend.call_apart(job, _PRINT_S)
                await answer.close()
            if path.exists():
                self.printed = Printed(path)
        except (KgError, OSError, sqlite3.Error) as error:
            _LOG.warning("documents are not made ahead: %s", error)

    async def end(self) -> None:
        """End it when its last request is answered, or at once where this is cancelled.

        A client that does not take its answer holds it for `Limits.replaced_s` at most.
        """
        try:
            async with asyncio.timeout(self.service.limits.replaced_s):
                while self.users:
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            reason = "an answer was not taken"
            event(_LOG, "snapshot-given-up", snapshot=self.snapshot_id, reason=reason)
        finally:
            await self.close()

    async def close(self) -> None:
        """End it at once."""
        if self.printed is not None:
            self.printed.close()
            self.printed = None
        self.pages.close()
        await self.backend.close()


Newer = Callable[[Deployment], Awaitable[Deployment | None]]


def newer_in(workspace: Path, limits: Limits) -> Newer:
    """Return what looks for a newer snapshot in a workspace.

    A snapshot that cannot be served is looked at once; the next one may be better.
    """
    refused = ""

    async def newer(deployment: Deployment) -> Deployment | None:
        nonlocal refused
        try:
            name = (workspace / "current").read_text(encoding="ascii").strip()
        except (OSError, UnicodeError):
            return None  # there is none at this moment; the one that is served stays
        if name in (deployment.snapshot_id, refused):
            return None
        refused = name
        found = await asyncio.to_thread(current, workspace)
        made = None if found is None else await asyncio.to_thread(of_snapshot, found, limits)
        return made

    return newer


def newer_at(limits: Limits) -> Newer:
    """Return what looks whether another snapshot has been published at an endpoint."""

    async def newer(deployment: Deployment) -> Deployment | None:
        backend = deployment.backend
        if not isinstance(backend, RemoteBackend):
            return None
        published = await backend.snapshot()
        if published is None or published == deployment.snapshot_id:
            return None
        return await asyncio.to_thread(of_endpoint, backend.url, deployment.base, limits)

    return newer


def of_endpoint(url: str, base: str, limits: Limits) -> Deployment:
    """Return a deployment that stands before a SPARQL endpoint; it has to be started.

    It asks the endpoint what it holds, so call this outside an event loop.

    Raises:
        KgError: The endpoint does not answer.
    """
    store = RemoteStore(url, base=base, timeout_s=limits.deadline_s)
    found = store.summary()
    facts: dict[str, Any] = {
        "base": base,
        "version": found.version or "unknown",
        "snapshot_id": found.snapshot or "unknown",
        "graphs": found.graphs,
        "classes": found.classes,
        "triples": found.triples,
    }
    backend = RemoteBackend(
        url,
        base=base,
        limits=RemoteLimits(
            deadline_s=limits.deadline_s,
            result_bytes=limits.result_bytes,
            concurrent=2 * limits.workers,
            waiting=limits.waiting,
            wait_s=limits.wait_s,
        ),
        about=f"{base}about#limits",
    )
    pages = ThreadPages(Pages(Site(Served(store, **facts), limits)), store, limits.deadline_s)
    service = CountedService(backend, limits)
    parts = (base, facts["version"], facts["snapshot_id"], service, pages, facts)
    return Deployment(*parts, "remote")


def of_snapshot(snapshot: Snapshot, limits: Limits) -> Deployment:
    """Return a deployment of a snapshot with worker processes; it has to be started.

    A snapshot that would take too much memory is served from a store on disk, which is made if it
    is not there yet; that takes a while, so call this outside an event loop.

    Raises:
        BuildError: The store on disk cannot be written.
    """
    manifest = snapshot.manifest
    facts: dict[str, Any] = {
        "base": manifest.base,
        "version": manifest.version,
        "snapshot_id": manifest.snapshot,
        "graphs": manifest.graphs,
        "classes": manifest.classes,
        "triples": manifest.triples,
        "built": (snapshot.folder / "manifest.json").stat().st_mtime,
    }
    is_large = is_too_large(snapshot, limits)
    pool = Pool(
        PoolLimits(
            quick=limits.workers,
            slow=limits.workers,
            waiting=limits.waiting,
            wait_s=limits.wait_s,
            memory_bytes=limits.memory_bytes,
        ),
        nquads=None if is_large else snapshot.nquads,
        disk=on_disk(snapshot) if is_large else None,
        deadline_s=limits.deadline_s,
        about=f"{manifest.base}about#limits",
        entry="kg.web.worker",
        site={**facts, "limits": asdict(limits), "is_ahead": not is_large},
    )
    return Deployment(
        manifest.base,
        manifest.version,
        manifest.snapshot,
        CountedService(pool, limits),
        PoolPages(pool, limits.deadline_s),
        facts,
        "disk" if is_large else "memory",
        built=facts["built"],
        folder=snapshot.folder,
    )


def is_too_large(snapshot: Snapshot, limits: Limits) -> bool:
    """Tell whether a snapshot takes more memory than it may, and is to be read from disk."""
    return memory_needed(snapshot) > limits.memory_share * free_memory()


def memory_needed(snapshot: Snapshot) -> int:
    """Return about how many bytes a snapshot takes when it is loaded into memory."""
    return int(snapshot.nquads.stat().st_size * _MEMORY_PER_BYTE)


def free_memory() -> int:
    """Return the bytes of memory that are free, or half of all where the system hides that."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        return int(fields["MemAvailable"].split()[0]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


class ThreadPages:
    """Pages made in threads of the server, from a store elsewhere; a `PageMaker`."""

    def __init__(self, pages: Pages, store: RemoteStore, deadline_s: float) -> None:
        """Make pages of what a store holds, each in `deadline_s` seconds at most."""
        self._pages = pages
        self._store = store
        self._deadline_s = deadline_s

    async def page(self, job: dict[str, Any]) -> PageReply:
        """Return the answer to a job.

        At the deadline the thread is left alone, because nothing can stop it: it ends by itself,
        and what it has looked up by then is kept.

        Raises:
            QueryTimeoutError: It took too long.
        """
        try:
            async with asyncio.timeout(self._deadline_s):
                status, headers, body = await asyncio.to_thread(self._pages.respond, job)
        except TimeoutError:
            what = f"the page was not made in {self._deadline_s:g} s"
            raise QueryTimeoutError(what) from None
        coding = job.get("coding") if len(body) >= CODED_FROM else None
        coder = coder_for(coding)
        if coder is not None:
            body = coded(body, coder)
        return PageReply(status, headers, body, coding)

    def close(self) -> None:
        """Close the connections to the store."""
        self._store.close()


class PoolPages:
    """Pages from the workers of a pool; a `PageMaker`."""

    def __init__(self, pool: Pool, deadline_s: float) -> None:
        """Make pages with a pool that is started elsewhere."""
        self._pool = pool
        self._deadline_s = deadline_s

    async def page(self, job: dict[str, Any]) -> PageReply:
        """Return the answer to a job."""
        payload = {**job, "kind": "page"}
        if job.get("coding"):
            payload["encoding"] = job["coding"]
        answer = await self._pool.call(payload, self._deadline_s)
        try:
            pieces = [answer.first]
            async for piece in answer.rest():
                pieces.append(piece)
        finally:
            await answer.close()
        if "status" not in answer.header:
            raise KgError("the page has no status")
        headers = [(str(name), str(value)) for name, value in answer.header["headers"]]
        return PageReply(answer.header["status"], headers, b"".join(pieces), answer.encoding)

    def close(self) -> None:
        """Do nothing: the pool belongs to the deployment."""
