"""Documents about things, from here and from nginx as files: the same bytes, one HTTP front.

    ./run python benchmarks/documents.py --out documents.json

The real dataset is built and served, and every Turtle document is stored as a file besides. Then
16 connections ask for the documents in turn, of each of these, round about:

- `front-ours`, `front-static`: nginx as a reverse proxy before `kg serve`, and the same before an
  nginx that serves the files;
- `front-static-headed`: as `front-static`, with the headers that a document has here;
- `front-ours-distinct`: as `front-ours`, but each request has a header of its own, as requests of
  many clients have, so that none is known byte for byte;
- `ours`, `static`: the same two without a front.

What counts are the ratios of a round. The table goes to standard output.
"""

import argparse
import functools
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox
from clients import by_wrk
from engines import (
    NGINX_VERSION,
    ROOT,
    EngineError,
    call,
    citypledge,
    family,
    free_port,
    nginx,
    seconds_of,
    wait_until,
)

from kg.namespaces import CANONICAL_BASE

ACCEPT: Final = "text/turtle"
CONNECTIONS: Final = 16
SAMPLE: Final = 50  # documents that are compared, byte for byte, of each target
RATIOS: Final = (
    ("front-ours", "front-static"),
    ("front-ours", "front-static-headed"),
    ("front-ours-distinct", "front-static"),
    ("ours", "static"),
)


@dataclass(frozen=True)
class Target:
    """What is asked.

    Attributes:
        name: As in the table.
        url: Where it is.
        server: The process that has the documents.
        front: The process before it; 0 where there is none.
    """

    name: str
    url: str
    server: int
    front: int = 0

    def cpu(self) -> tuple[float, float]:
        """The processor seconds of the server and of the front."""
        pids = (self.server, self.front)
        server, front = (seconds_of(family(pid)) if pid else 0.0 for pid in pids)
        return server, front


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("--seconds", type=int, default=4, help="of each round and target")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="file for all numbers, as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _run(Path(name), options.rounds, options.seconds)
    if options.out is not None:
        options.out.write_text(json.dumps(found, indent=1), encoding="utf-8")
    sys.stdout.write("\n".join(_tables(found)) + "\n")


def _run(folder: Path, rounds: int, seconds: int) -> dict[str, Any]:
    nquads = _built(folder / "built")
    with citypledge(folder / "ours", nquads) as (ours, _):
        url = ours.query_url.removesuffix("/sparql")
        _wait_for_documents(folder / "ours")
        paths = _store_files(url, nquads, folder / "files")
        with _targets(folder, url, ours.pid, paths[len(paths) // 2]) as targets:
            for target in targets:
                _compare(target.url, paths[:: max(1, len(paths) // SAMPLE)], folder / "files")
            load = os.getloadavg()[0]
            for target in targets:
                by_wrk(target.url, paths, CONNECTIONS, 2, ACCEPT)
            made = [_round(targets, number, paths, seconds) for number in range(rounds)]
    sizes = [path.stat().st_size for path in (folder / "files").rglob("*.ttl")]
    return {
        "documents": len(paths),
        "median_bytes": statistics.median(sizes),
        "largest_bytes": max(sizes),
        "nginx": NGINX_VERSION,
        "load": [load, os.getloadavg()[0]],
        "rounds": made,
    }


def _built(workspace: Path) -> Path:
    """Return the N-Quads of the real dataset."""
    kg = [sys.executable, "-m", "kg.cli"]
    place = ["--root", str(ROOT), "--workspace", str(workspace), "--base", CANONICAL_BASE]
    done = call([*kg, "build", *place])
    if done.returncode:
        raise EngineError(f"kg build: {' '.join(done.stderr.split())[-300:]}")
    current = (workspace / "current").read_text(encoding="ascii").strip()
    return workspace / "snapshots" / current / "dataset.nq"


def _wait_for_documents(folder: Path) -> None:
    """Wait until the documents are made ahead."""
    snapshots = folder / "workspace" / "snapshots"
    wait_until(lambda: any(snapshots.glob("*/documents-*.sqlite")), None, folder, "a document")


def _store_files(url: str, nquads: Path, folder: Path) -> list[str]:
    """Store the document about each thing as a file; return the paths."""
    with nquads.open("rb") as file:
        prefix = f"{CANONICAL_BASE}id/"
        things = {
            quad.subject.value.removeprefix(prefix)
            for quad in ox.parse(file, format=ox.RdfFormat.N_QUADS)
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(prefix)
        }
    paths = []
    with httpx.Client(base_url=url, headers={"Accept-Encoding": "identity"}) as client:
        for thing in sorted(things):
            path = f"/doc/{thing}.ttl"
            answer = client.get(path)
            if answer.status_code == 200:
                file_path = folder / path.removeprefix("/")
                file_path.parent.mkdir(parents=True, exist_ok=True)
                file_path.write_bytes(answer.content)
                paths.append(path)
    return paths


@contextmanager
def _targets(folder: Path, ours: str, pid: int, sample: str) -> Iterator[list[Target]]:
    ports = {name: free_port() for name in ("static", "headed", "a", "b", "c", "d")}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    common = (
        "access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
        "types { text/turtle ttl; }\n"
    )
    files = "\n".join(
        f"server {{ listen 127.0.0.1:{ports[name]}; root {folder / 'files'}; {more} }}"
        for name, more in (("static", ""), ("headed", _headers_of(ours + sample)))
    )
    address = urlsplit(ours).netloc
    with (
        nginx(folder / "static", common + files) as static,
        nginx(folder / "f-ours", common + _proxy(address, ports["a"])) as before_ours,
        nginx(folder / "f-static", common + _proxy(urls["static"][7:], ports["b"])) as before,
        nginx(folder / "f-distinct", common + _proxy(address, ports["c"], _OWN)) as distinct,
        nginx(folder / "f-headed", common + _proxy(urls["headed"][7:], ports["d"])) as headed,
    ):
        for url in urls.values():
            wait_until(functools.partial(_listens, url), None, folder / "static", "nginx")
        yield [
            Target("front-ours", urls["a"], pid, before_ours.pid),
            Target("front-static", urls["b"], static.pid, before.pid),
            Target("front-static-headed", urls["d"], static.pid, headed.pid),
            Target("front-ours-distinct", urls["c"], pid, distinct.pid),
            Target("ours", ours, pid),
            Target("static", urls["static"], static.pid),
        ]


def _headers_of(address: str) -> str:
    """Return what has nginx send the headers that a document has, beside those it sends itself."""
    own = ("date", "etag", "last-modified", "content-type", "content-length", "server")
    answer = httpx.get(address, headers={"Accept-Encoding": "identity"})
    found = [item for item in answer.headers.multi_items() if item[0] not in own]
    return " ".join(
        'add_header {} "{}";'.format(name, value.replace('"', '\\"')) for name, value in found
    )


_OWN: Final = "proxy_set_header X-Request-Id $request_id;"


def _proxy(upstream: str, port: int, more: str = "") -> str:
    return (
        f"upstream there {{ server {upstream}; keepalive 32; keepalive_requests 1000000; }}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://there; "
        f'proxy_http_version 1.1; proxy_set_header Connection ""; {more} }} }}'
    )


def _listens(url: str) -> bool:
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True


def _compare(url: str, paths: list[str], folder: Path) -> None:
    with httpx.Client(base_url=url, headers={"Accept-Encoding": "identity"}) as client:
        for path in paths:
            answer = client.get(path)
            kind = answer.headers.get("Content-Type", "").partition(";")[0]
            if answer.content != (folder / path.removeprefix("/")).read_bytes() or kind != ACCEPT:
                raise EngineError(f"{url}{path} is not the same document")


def _round(
    targets: list[Target], number: int, paths: list[str], seconds: int
) -> dict[str, dict[str, float]]:
    found = {}
    for target in targets[number % len(targets) :] + targets[: number % len(targets)]:
        before = target.cpu()
        load = by_wrk(target.url, paths, CONNECTIONS, seconds, ACCEPT)
        server, front = (after - then for after, then in zip(target.cpu(), before, strict=True))
        per_request = 1e6 / load["requests"]
        found[target.name] = {
            "rate": load["requests"] / load["seconds"],
            "failures": load["failures"],
            "p50": load["p50"],
            "p99": load["p99"],
            "server_us": server * per_request,
            "front_us": front * per_request,
        }
    return found


def _tables(found: dict[str, Any]) -> Iterator[str]:
    rounds = found["rounds"]
    yield (
        f"- {found['documents']} Turtle documents, median {found['median_bytes']:,.0f} bytes, "
        f"largest {found['largest_bytes']:,}; nginx {found['nginx']} from Debian; "
        f"{CONNECTIONS} connections, {len(rounds)} rounds"
    )
    yield f"- load average before {found['load'][0]:.1f}, after {found['load'][1]:.1f}"
    yield ""
    yield "| asked | requests/s | p50 ms | p99 ms | CPU µs, server | CPU µs, front | failures |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name in rounds[0]:
        middle = {
            key: statistics.median(each[name][key] for each in rounds) for key in rounds[0][name]
        }
        yield (
            f"| {name} | {middle['rate']:,.0f} | {middle['p50']:.2f} | {middle['p99']:.2f} "
            f"| {middle['server_us']:.0f} | {middle['front_us']:.0f} | {middle['failures']:.0f} |"
        )
    yield ""
    yield "| ratio of rates | median | least | most |"
    yield "| --- | ---: | ---: | ---: |"
    for ours, theirs in RATIOS:
        ratios = [each[ours]["rate"] / each[theirs]["rate"] for each in rounds]
        middle_ratio = statistics.median(ratios)
        yield f"| {ours} / {theirs} | {middle_ratio:.2f} | {min(ratios):.2f} | {max(ratios):.2f} |"


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the description."""


if __name__ == "__main__":
    main()
