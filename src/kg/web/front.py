"""The front of the server: hands each request to what answers it, and takes up new snapshots.

It holds no data and runs no query, so nothing in it takes long. `/sparql`, `/validate` and the
pages go by plain ASGI; what operators ask (`kg.web.operations`) is a FastAPI application beside
them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg import __version__
from kg.errors import KgError
from kg.logs import event
from kg.mediatypes import HTML, PROBLEM, negotiate
from kg.query.protocol import ProtocolError
from kg.query.service import Limits
from kg.query.worker import CODED_FROM, coded, coder_for
from kg.web import dumps
from kg.web.deployment import Deployment, Newer, PageReply
from kg.web.earlier import Earlier
from kg.web.entities import OFFERED, location_of, split_extension
from kg.web.http import DEMANDS, Asked, encoded, fault_as, is_known, send_whole, type_of_fault
from kg.web.metrics import Metrics, outcome_of
from kg.web.middleware import OneSpelling
from kg.web.operations import OPERATIONS, operations
from kg.web.responses import document_headers, etag_for
from kg.web.sparql import ClientGoneError, Endpoint, as_fault
from kg.web.status import figures, is_status
from kg.web.timeline import Timeline, removed_in
from kg.web.validate import PATH as VALIDATE
from kg.web.validate import Validation

_LOG: Final = logging.getLogger(__name__)
_LASTING: Final = (200, 301, 303, 304)  # of answers that hold as long as the snapshot
LOOK_S: Final = 1.0  # how often it is looked whether there is a new snapshot


class Front:
    """The ASGI application."""

    def __init__(
        self,
        first: Deployment,
        limits: Limits,
        *,
        newer: Newer | None = None,
        workspace: Path | None = None,
    ) -> None:
        """Make the application.

        Args:
            first: What is served to begin with.
            limits: What queries may use.
            newer: Looks whether there is something newer to serve; None to stay with the first.
            workspace: Where the releases are that stay readable; None for none.
        """
        self.limits = limits
        self.deployment = first
        self.is_ready = False
        self.is_leaving = False  # set while others shall take over, see `kg.web.operations`
        self.replayed = 0  # requests that were answered from memory, see `kg.web.replay`
        self.replay_bytes = 0
        self.timeline = Timeline(workspace, first.base)
        self._told = self.timeline.archive, dumps.Facts([])
        self._newer = newer
        self.earlier = Earlier(workspace, limits, self.timeline)
        self._endpoint = Endpoint(limits.per_minute, self.earlier)
        self._validation = Validation(limits, self._endpoint.quota)
        self.metrics = Metrics(self)
        self._operations: ASGIApp = operations(self)
        self.spelling = OneSpelling(self._dispatch, lambda: self.deployment.base)
        self._ending: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or the start and the end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            _unmount(scope, self.deployment.mount)
            scope["seen"] = seen = self.metrics.begin(scope, send)
            try:
                if scope["path"] == "/sparql":
                    await self._guarded(self._sparql, scope, receive, seen.send)
                elif scope["path"] == VALIDATE and scope["method"] not in ("GET", "HEAD"):
                    await self._guarded(self._validate, scope, receive, seen.send)
                else:
                    await self.spelling(scope, receive, seen.send)
            finally:
                self.metrics.end(seen)

    async def take_up(self, new: Deployment) -> None:
        """Serve another snapshot from now on; requests under way are answered from the old one.

        Raises:
            KgError: It does not answer; the old one goes on being served.
        """
        try:
            await new.start()
            removed = await asyncio.to_thread(removed_in, new)
        except BaseException:
            await new.close()
            raise
        new.release = self.timeline.version_of(new.snapshot_id)
        self.timeline.hide(removed)
        old, self.deployment = self.deployment, new
        old.replies.clear()
        self.replay_bytes = 0
        ending = asyncio.get_running_loop().create_task(old.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        self.metrics.take_up(old, ending)
        _note("snapshot-taken-up", new)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.deployment.start()
            self.timeline.hide(await asyncio.to_thread(removed_in, self.deployment))
        except (KgError, OSError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        try:
            await self._look_back()
        except (KgError, OSError, ValueError) as error:
            _LOG.error("no release is taken up: %s", error)
        loop = asyncio.get_running_loop()
        follower = loop.create_task(self._follow())
        self._printer = loop.create_task(self.deployment.print_ahead())
        self.is_ready = True
        _note("started", self.deployment)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.is_ready = False
        _note("stopped", self.deployment)
        follower.cancel()
        self._printer.cancel()
        for ending in self._ending:
            ending.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self.earlier.close()
        await self.deployment.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _follow(self) -> None:
        """Take up what is newer, whenever there is something."""
        said = ""
        while self._newer is not None:
            await asyncio.sleep(LOOK_S)
            try:
                new = await self._newer(self.deployment)
                if new is not None:
                    await self.take_up(new)
                    self._printer.cancel()
                    self._printer = asyncio.get_running_loop().create_task(new.print_ahead())
                await self._look_back()
                said = ""
            except (KgError, OSError, ValueError) as error:
                if str(error) != said:
                    _LOG.error("nothing newer is taken up: %s", error)
                said = str(error)

    async def _look_back(self) -> None:
        """Take up releases that are new; what was answered without them is forgotten.

        Raises:
            KgError, OSError, ValueError: They cannot be read; those from before stay.
        """
        new = await asyncio.to_thread(self.timeline.newer, self.deployment.base)
        if new is not None:
            self.timeline.take_up(new)
            # Another one: what is made at this moment from the releases before is not remembered.
            self.deployment.replies = {}
            self.replay_bytes = 0
        self.deployment.release = self.timeline.version_of(self.deployment.snapshot_id)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(OPERATIONS):
            await self._operations(scope, receive, send)
        elif is_status(path):
            await self._guarded(self._status, scope, receive, send)
        elif dumps.find(path, self.timeline.archive.releases):
            await self._dump(scope, receive, send)
        else:
            await self._guarded(self._page, scope, receive, send)

    async def _guarded(
        self,
        answer: Callable[[Deployment, Scope, Receive, Send], Awaitable[int]],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Have a request answered; what goes wrong becomes an answer too."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        with self.deployment.in_use() as deployment:
            try:
                await answer(deployment, scope, receive, watched)
            except ClientGoneError:
                scope["seen"].outcome = "cancelled"
            except KgError as error:
                if has_begun:
                    scope["seen"].outcome = outcome_of(error)
                    _break_off(scope, error)
                else:
                    await self._fail(deployment, scope, send, as_fault(error))

    async def _sparql(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        return await self._endpoint.answer(deployment, scope, receive, send)

    async def _validate(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        return await self._validation.answer(deployment, scope, receive, send)

    async def _page(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        asked = Asked(scope)
        reply = self.timeline.negotiate(scope, asked) or _printed(deployment, scope, asked)
        if reply is None:
            past = self.timeline.facts(scope, deployment.snapshot_id)
            past |= self._dump_facts.of(scope["path"], deployment.snapshot_id)
            reply = await deployment.pages.page(_job(scope, asked) | past)
        headers = _reply_headers(self.timeline.marked(scope, reply))
        is_lasting = reply.status in _LASTING and deployment.service.cache.max_entry
        if asked.keep is not None and is_lasting:
            asked.keep(reply.status, [*headers], reply.body)
        await send_whole(send, asked, reply.status, headers, reply.body)
        return reply.status

    @property
    def _dump_facts(self) -> dumps.Facts:
        """What pages about the dataset are made from; worked out once for an archive."""
        archive = self.timeline.archive
        if self._told[0] is not archive:
            self._told = archive, dumps.Facts(archive.releases)
        return self._told[1]

    async def _dump(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a dump. It comes from a file, so a long download keeps no snapshot in use."""
        try:
            await dumps.answer(self.timeline.archive.releases, scope, receive, send)
        except ProtocolError as fault:  # raised before anything is sent
            with self.deployment.in_use() as deployment:
                await self._fail(deployment, scope, send, fault)

    async def _status(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        asked = Asked(scope)
        reply = await deployment.pages.page(_job(scope, asked) | {"status": figures(self)})
        await send_whole(send, asked, reply.status, _reply_headers(reply), reply.body)
        return reply.status

    async def _fail(
        self, deployment: Deployment, scope: Scope, send: Send, fault: ProtocolError
    ) -> None:
        """Send an error as HTML, as problem details (RFC 9457), as plain text or as RDF."""
        asked = Asked(scope)
        media_type = type_of_fault(asked.accept, fault.status)
        if media_type == HTML:
            fields = {"status": fault.status, "title": fault.title, "detail": fault.detail}
            job = _job(scope, asked) | {
                "path": "",
                "fault": {**fields, "headers": dict(fault.headers)},
            }
            try:
                reply = await deployment.pages.page(job)
            except KgError:
                media_type = PROBLEM  # the page fails as the request did; say it without one
            else:
                headers = _reply_headers(reply)
                await send_whole(send, asked, reply.status, headers, reply.body)
                return
        headers = encoded(
            {
                **fault.headers,
                "Content-Type": media_type.content_type,
                "Vary": "Accept, Accept-Encoding, Accept-Language",
                "Cache-Control": "no-store",
            }
        )
        await send_whole(send, asked, fault.status, headers, fault_as(fault, media_type))


def _unmount(scope: Scope, mount: str) -> None:
    """Take the path of the base off the path of a request; see `kg.web.links`."""
    path: str = scope["path"]
    if mount and path.startswith(mount) and path[len(mount) :][:1] in ("", "/"):
        raw: bytes = scope.get("raw_path") or quote(path).encode()
        if raw.startswith(mount.encode()):  # else it is another spelling, which is moved as a whole
            scope["mount"] = mount
            scope["path"] = path[len(mount) :] or "/"
            scope["raw_path"] = raw[len(mount) :]


def _job(scope: Scope, asked: Asked) -> dict[str, Any]:
    wanted = (b"accept", b"accept-language", b"if-none-match", b"if-modified-since", *DEMANDS)
    return {
        "method": asked.method,
        "path": scope["path"],
        "mount": asked.mount,
        "query": scope["query_string"].decode("latin-1"),
        "headers": [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in asked.headers
            if name in wanted
        ],
        "coding": asked.coding,
    }


def _printed(deployment: Deployment, scope: Scope, asked: Asked) -> PageReply | None:
    """Return a document that was made ahead; None where a worker has to answer."""
    path: str = scope["path"]
    if (
        deployment.printed is None
        or not path.startswith("/doc/")
        or asked.method not in ("GET", "HEAD")
        or scope["query_string"]
        or asked.has_demands
    ):
        return None
    name, media_type = split_extension(path.removeprefix("/doc/"))
    media_type = media_type or negotiate(asked.accept, OFFERED)
    if media_type is None or media_type == HTML:
        return None
    found = deployment.printed.find(name, media_type, asked.mount)
    if found is None:
        return None
    body, links = found
    etag = etag_for(body, media_type.name, asked.coding or "")
    modified = deployment.modified
    headers = [
        *document_headers(etag, modified).items(),
        *location_of(name, media_type, asked.mount).items(),
        ("Link", links),
    ]
    if is_known(asked.tags if asked.has_tags else None, asked.since, etag, modified):
        return PageReply(304, headers, b"", None)
    headers.append(("Content-Type", media_type.content_type))
    coder = coder_for(asked.coding) if len(body) >= CODED_FROM else None
    if coder is None:
        return PageReply(200, headers, body, None)
    return PageReply(200, headers, coded(body, coder), asked.coding)


def _reply_headers(reply: PageReply) -> list[tuple[bytes, bytes]]:
    headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
    if reply.encoding is not None:
        headers.append(("Content-Encoding", reply.encoding))
    return encoded(headers)


def _break_off(scope: Scope, error: KgError) -> None:
    """End the connection in the middle of an answer, so that nobody takes it for the whole."""
    event(_LOG, "answer-broken-off", reason=outcome_of(error))
    abort = scope.get("abort")
    if abort is None:
        raise error  # another server than ours; it closes the connection for this
    abort()


def _note(name: str, deployment: Deployment) -> None:
    event(
        _LOG,
        name,
        software=__version__,
        version=deployment.version,
        snapshot=deployment.snapshot_id,
        mode=deployment.mode,
    )
