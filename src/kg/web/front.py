"""The front of the server: hands each request to what answers it, and takes up new snapshots.

It holds no data and runs no query, so nothing in it takes long. `/sparql`, `/validate` and the
pages go by plain ASGI; what operators ask (`kg.web.operations`) is a FastAPI application beside
them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg import __version__
from kg.errors import KgError
from kg.logs import event
from kg.query.protocol import ProtocolError
from kg.query.service import Limits
from kg.web import dumps
from kg.web.asking import Asking, is_asked, is_page
from kg.web.assets import Assets
from kg.web.deployment import Deployment, Newer, PageReply
from kg.web.diagnose import Diagnosing
from kg.web.diagnose_worker import PATH as DIAGNOSE
from kg.web.earlier import Earlier
from kg.web.faults import as_fault
from kg.web.http import METHODS, Asked, send_whole
from kg.web.i18n import split_language
from kg.web.metrics import Metrics, outcome_of
from kg.web.middleware import KEPT, OneSpelling, root_of
from kg.web.operations import OPERATIONS, operations
from kg.web.paths import SAFE, variants
from kg.web.reconciliation import PATH as RECONCILE
from kg.web.reconciliation.front import Reconciliation
from kg.web.replies import (
    headers_of,
    job_of,
    not_implemented,
    printed,
    refuse_codings,
    send_fault,
    send_reply,
    takes_no_coding,
)
from kg.web.responses import not_found
from kg.web.sparql import ClientGoneError, Endpoint
from kg.web.status import figures, is_status
from kg.web.timeline import Timeline, removed_in
from kg.web.validate import PATH as VALIDATE
from kg.web.validate import Validation
from kg.web.workbench.front import Workbench, is_workbench

_LOG: Final = logging.getLogger(__name__)
SPARQL: Final = "/sparql"
Answer = Callable[[Deployment, Scope, Receive, Send], Awaitable[int]]
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
        self._asking = Asking(self._endpoint)
        self._diagnosing = Diagnosing(self._endpoint.quota)
        self._validation = Validation(limits, self._endpoint.quota)
        self._workbench = Workbench(self._endpoint, workspace)
        self._reconciliation = Reconciliation(self._endpoint.quota)
        self.metrics = Metrics(self)
        self._operations: ASGIApp = operations(self)
        self._assets = Assets()
        self.spelling = OneSpelling(self._dispatch, lambda: self.deployment.base)
        self._ending: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or the start and the end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            _unmount(scope, self.deployment.mount)
            _choose_language(scope)
            scope["seen"] = seen = self.metrics.begin(scope, send)
            try:
                answer = self._direct(scope)
                if answer is None:
                    await self.spelling(scope, receive, seen.send)
                else:
                    await self._guarded(answer, scope, receive, seen.send)
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

    def _direct(self, scope: Scope) -> Answer | None:
        """Return what answers a request without a look at its spelling, if it is one for that."""
        method, path = scope["method"], scope["path"]
        if method not in METHODS:
            return not_implemented
        if method != "OPTIONS" and takes_no_coding(scope):
            return refuse_codings
        is_spelt = scope.get("raw_path", path.encode()) == path.encode()
        is_form = path == VALIDATE and method in ("GET", "HEAD")
        is_manifest = path == RECONCILE and method in ("GET", "HEAD") and not scope["query_string"]
        answers = {
            SPARQL: self._sparql,
            DIAGNOSE: self._diagnosing.answer,
            VALIDATE: self._validate,
            RECONCILE: self._reconcile,
        }
        if path not in answers or is_form or is_manifest or not is_spelt:
            return None
        if method != "OPTIONS" and self.spelling.secured(scope):
            return None
        return answers[path]

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope.get("is_respelt"):
            await self._guarded(self._elsewhere, scope, receive, send)
        elif path in OPERATIONS:
            await self._operations(scope, receive, send)
        elif is_status(path):
            await self._guarded(self._status, scope, receive, send)
        elif is_workbench(path):
            await self._guarded(self._workbench_page, scope, receive, send)
        elif self._is_file(path):
            await self._file(scope, receive, send)
        elif is_asked(path):
            await self._guarded(self._asking.answer, scope, receive, send)
        else:
            await self._guarded(self._page, scope, receive, send)

    def _is_file(self, path: str) -> bool:
        is_dump = dumps.find(path, self.timeline.archive.releases) is not None
        return is_dump or self._assets.has(path)

    async def _guarded(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
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
                    await send_fault(deployment, scope, send, as_fault(error))

    async def _sparql(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        return await self._endpoint.answer(deployment, scope, receive, send)

    async def _validate(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        return await self._validation.answer(deployment, scope, receive, send)

    async def _workbench_page(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        return await self._workbench.answer(deployment, scope, receive, send)

    async def _reconcile(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        return await self._reconciliation.answer(deployment, scope, receive, send)

    async def _page(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        asked = Asked(scope)
        more = await self._asking.facts(deployment, scope, asked) if is_page(scope) else {}
        reply = await self._reply(deployment, scope, asked, more)
        if reply.status == 404 and asked.method in ("GET", "HEAD"):
            reply = await self._moved(deployment, scope, variants(scope["path"])) or reply
        return await send_reply(deployment, self.timeline.marked(scope, reply), asked, send)

    async def _elsewhere(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        """Lead from another spelling of a path to the right one; 404 where nothing is there."""
        path: str = scope["path"]
        reply = await self._moved(deployment, scope, [path, *variants(path)])
        if reply is None:
            raise not_found(path)
        return await send_reply(deployment, reply, Asked(scope), send)

    async def _moved(
        self, deployment: Deployment, scope: Scope, paths: Sequence[str]
    ) -> PageReply | None:
        """Return 301 to the first of some paths under which something is; None where there is none.

        What is moved itself is followed, so that a client takes one step.
        """
        for path in paths:
            headers = [pair for pair in scope["headers"] if pair[0].startswith(b"accept")]
            tried = {**scope, "path": path, "method": "GET", "headers": headers, "replay": None}
            address = root_of(scope) + quote(path, safe=SAFE)
            if path not in (SPARQL, *OPERATIONS) and not (is_status(path) or self._is_file(path)):
                reply = await self._reply(deployment, tried, Asked(tried))
                if reply.status == 301:
                    return reply
                if reply.status == 404:
                    continue
            query = scope["query_string"].decode("latin-1")
            target = f"{address}?{query}" if query else address
            return PageReply(301, [("Location", target), ("Cache-Control", KEPT)], b"", None)
        return None

    async def _reply(
        self,
        deployment: Deployment,
        scope: Scope,
        asked: Asked,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> PageReply:
        reply = self.timeline.negotiate(scope, asked) or printed(deployment, scope, asked)
        if reply is None:
            past = self.timeline.facts(scope, deployment.snapshot_id)
            past |= self._dump_facts.of(scope["path"], deployment.snapshot_id)
            reply = await deployment.pages.page({**job_of(scope, asked), **past, **more})
        return reply

    @property
    def _dump_facts(self) -> dumps.Facts:
        """What pages about the dataset are made from; worked out once for an archive."""
        archive = self.timeline.archive
        if self._told[0] is not archive:
            self._told = archive, dumps.Facts(archive.releases)
        return self._told[1]

    async def _file(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a file. A snapshot is not in use meanwhile, however long a download takes."""
        try:
            if self._assets.has(scope["path"]):
                await self._assets.answer(scope, send)
            else:
                licence, kept = self.deployment.licence, self.timeline.archive.releases
                await dumps.answer(kept, licence, scope, receive, send)
        except ProtocolError as fault:  # raised before anything is sent
            with self.deployment.in_use() as deployment:
                await send_fault(deployment, scope, send, fault)

    async def _status(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        asked = Asked(scope)
        reply = await deployment.pages.page(job_of(scope, asked) | {"status": figures(self)})
        await send_whole(send, asked, reply.status, headers_of(reply), reply.body)
        return reply.status


def _unmount(scope: Scope, mount: str) -> None:
    """Take the path of the base off the path of a request; see `kg.web.links`."""
    path: str = scope["path"]
    if mount and path.startswith(mount) and path[len(mount) :][:1] in ("", "/"):
        raw: bytes = scope.get("raw_path") or quote(path).encode()
        if raw.startswith(mount.encode()):  # else it is another spelling, which is moved as a whole
            scope["mount"] = mount
            scope["path"] = path[len(mount) :] or "/"
            scope["raw_path"] = raw[len(mount) :]


def _choose_language(scope: Scope) -> None:
    """Take the language off the path of a request, and read it as the one that is wanted most."""
    language, path = split_language(scope["path"])
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if language and raw.startswith(f"/{language}".encode()):
        accepted = (b"accept-language", language.encode())
        scope["language"] = language
        scope["headers"] = [accepted, *scope["headers"]]
        scope["path"] = path
        scope["raw_path"] = raw[len(language) + 1 :] or b"/"


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
