"""Documents that are made ahead are the ones that would be made when asked for."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot

CITY = "/doc/municipality/xx-veldhaven"
EXTENSIONS = ("ttl", "jsonld", "rdf", "nt", "trig", "nq")


def documents(
    address: str, headers: dict[str, str]
) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    found = {}
    for extension in EXTENSIONS:
        for path in (f"{CITY}.{extension}", "/doc/graph/source/x1." + extension):
            answer = httpx.get(address + path, headers=headers, timeout=60)
            kept = {k: v for k, v in answer.headers.items() if k != "date"}
            found[path] = (answer.status_code, answer.content, kept)
    return found


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_a_document_is_the_same_whoever_makes_it(
    serve: Callable[..., AbstractContextManager[Any]],
    seal_quads: Callable[[Path, Sequence[ox.Quad]], Snapshot],
    quads: list[ox.Quad],
    tmp_path: Path,
    coding: str,
) -> None:
    snapshot = seal_quads(tmp_path, quads)
    headers = {"Accept-Encoding": coding}
    with serve(Limits(workers=1, printed_things=0, cache_bytes=0), snapshot) as server:
        assert server.front.deployment.printed is None
        on_demand = documents(server.address, headers)
    with serve(Limits(workers=1, cache_bytes=0), snapshot) as server:

        async def is_printed() -> None:
            while server.front.deployment.printed is None:
                await asyncio.sleep(0.05)

        server.do(is_printed())
        printed = documents(server.address, headers)
        again = httpx.get(
            f"{server.address}{CITY}.ttl",
            headers={**headers, "If-None-Match": printed[f"{CITY}.ttl"][2]["etag"]},
            timeout=60,
        )
        asked = httpx.get(server.address + CITY, headers={"Accept": "text/turtle"}, timeout=60)

    assert printed == on_demand
    assert {status for status, _, _ in printed.values()} <= {200, 404}
    assert printed[f"{CITY}.ttl"][0] == 200
    assert again.status_code == 304
    assert asked.headers["content-location"] == f"{CITY}.ttl"


def test_the_next_server_finds_them_there(
    serve: Callable[..., AbstractContextManager[Any]],
    seal_quads: Callable[[Path, Sequence[ox.Quad]], Snapshot],
    quads: list[ox.Quad],
    tmp_path: Path,
) -> None:
    snapshot = seal_quads(tmp_path, quads)
    found = []
    for _ in range(2):
        with serve(Limits(workers=1), snapshot) as server:

            async def is_printed(front: Any = server.front) -> None:
                while front.deployment.printed is None:
                    await asyncio.sleep(0.05)

            server.do(is_printed())
        found.append([(p.name, p.stat().st_mtime_ns) for p in snapshot.folder.glob("*.sqlite")])

    assert len(found[0]) == 1
    assert found[0] == found[1]
