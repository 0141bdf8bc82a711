"""Real SPARQL servers, installed once and started for a test or a measurement.

    with virtuoso(folder) as engine:
        engine.load(Path("data.nq"))
        httpx.post(engine.query_url, data={"query": "ASK {}", **engine.parameters})

Each function of `SERVERS` is a context manager that starts one server on 127.0.0.1, at a free
port, with its data in the folder that it is given, and ends it with all its processes when the
block is left, also by an error. What is not part of the project's own environment is downloaded
once into `.venv-tools/engines/`, in the version and with the SHA-256 that stand in this file.

`EngineMissingError` says why a server cannot be had on a machine, so that a test can be skipped
with that reason.
"""

import contextlib
import getpass
import hashlib
import importlib.metadata
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import rdflib

from kg.errors import KgError
from kg.namespaces import CANONICAL_BASE

ROOT: Final = Path(__file__).resolve().parent.parent
TOOLS: Final = ROOT / ".venv-tools" / "engines"
ACCEPTED_GRAPH: Final = CANONICAL_BASE + "graph/accepted"

START_SECONDS: Final = 60.0
END_SECONDS: Final = 10.0
LOAD_SECONDS: Final = 3600.0

# Becomes the program that follows, which then ends when its parent ends, however that ends.
_LEASH: Final = (
    "import ctypes,os,sys;"
    "ctypes.CDLL(None,use_errno=True).prctl(1,15,0,0,0);"
    "os.execvp(sys.argv[1],sys.argv[1:])"
)


class EngineError(KgError):
    """A server did not start, did not load, or ended by itself."""


class EngineMissingError(EngineError):
    """A server cannot be had on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Download:
    """A file from outside, pinned.

    Attributes:
        package: A Debian package, `name=version`, or the address of a file.
        sha256: Of the file, in lower-case hex.
    """

    package: str
    sha256: str


FUSEKI_VERSION: Final = "5.6.0"  # the last line that runs on Java 17; 6 wants 21
_MAVEN: Final = "https://repo1.maven.org/maven2/org/apache/jena/jena-fuseki-server"
_FUSEKI: Final = Download(
    f"{_MAVEN}/{FUSEKI_VERSION}/jena-fuseki-server-{FUSEKI_VERSION}.jar",
    "d28c1eaf703122ee628895a460c20fa4aa60a892f435d403ea8c036f241da1f8",
)
VIRTUOSO_VERSION: Final = "7.2.5.1"
_VIRTUOSO: Final = (
    Download(
        "virtuoso-opensource-7-bin=7.2.5.1+dfsg1-0.3",
        "359ee4b2de81b92acbf5cf0b7bcb354375b96af37d3f5e70bfd7840341b94430",
    ),
    Download(
        "libpcre3=2:8.39-15",
        "993ea623ce5b42d67f653f2faaa7ef15e7c9d72bfcb93e22a1eaff7aa3532303",
    ),
    Download(
        "libminizip1=1.1-8+deb12u1",
        "b2999b980cbb9e6dcaa2d5154c9d1f1b9d55f5a0ca8166699de7ab47afaf4a36",
    ),
)
WRK_VERSION: Final = "4.1.0"
_WRK: Final = (
    Download(
        "wrk=4.1.0-3+b2",
        "b0206dc74df85365a248ddac2433c0ee3f210579fc5ed83758e73354bb1bbefb",
    ),
    Download(
        "libluajit2-5.1-2=2.1-20230119-1",
        "83f4cb79e75286a1100ed7fd0f849b5823c911067fc9d6a1e29dfbdc84353909",
    ),
)
HAPROXY_VERSION: Final = "2.6.12"
_HAPROXY: Final = (
    Download(
        "haproxy=2.6.12-1+deb12u4",
        "97ca097d12b43fc5cb1b17aa5e84957735ef312a2e02cf8a99512fa1abe8a955",
    ),
    Download(
        "liblua5.3-0=5.3.6-2",
        "576ad8ef2e9f6ad21f29f0c90dac17448deefee8f3912877c2a0911b77e5d3ca",
    ),
    Download(
        "libopentracing-c-wrapper0=1.1.3-3+b1",
        "68013bf6296a776923622c871bed26bc7b6bfe5f84b0fa2707a06382d1db2692",
    ),
    Download(
        "libopentracing1=1.6.0-4",
        "af62b62a99979253a79e3443f7dabe13f1f33bc2fc024f99039e3868a67f26f4",
    ),
)
NGINX_VERSION: Final = "1.22.1"
_NGINX: Final = (
    Download(
        "nginx=1.22.1-9+deb12u11",
        "4e2778e675c07d0f2d8d3b6f5ff84f6483ade1d82c21c910eb9a2787e1cf1b1a",
    ),
    Download(
        "libpcre2-8-0=10.42-1+deb12u2",
        "d2f7edfcc7689b9e0761c2742cc824ac86a20768bc5e8057818dc6875291fe76",
    ),
)


@dataclass(frozen=True)
class Engine:
    """A server that runs.

    Attributes:
        name: As in `SERVERS`.
        version: Of the server.
        query_url: SPARQL 1.1 Protocol, query.
        gsp_url: SPARQL 1.1 Graph Store HTTP Protocol, or None where there is none.
        update_url: SPARQL 1.1 Protocol, update, or None.
        default_graph: IRI of the named graph in which `load` puts the default graph, where the
            server has no default graph of its own; else None.
        credentials: User and password that `gsp_url` and `update_url` want by HTTP digest, or
            None where they want none.
        pid: Of the process that was started; its process group has the same number.
        loader: What `load` calls.
    """

    name: str
    version: str
    query_url: str
    gsp_url: str | None
    update_url: str | None
    pid: int
    loader: Callable[[Path], None] = field(repr=False)
    default_graph: str | None = None
    credentials: tuple[str, str] | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """What a query has to be sent with so that the default graph is the one that was loaded."""
        return {"default-graph-uri": self.default_graph} if self.default_graph else {}

    def load(self, nquads: Path) -> float:
        """Load a file of N-Quads into the server and return how many seconds that took.

        Raises:
            EngineError: The server refused the file.
        """
        begun = time.perf_counter()
        self.loader(nquads)
        return time.perf_counter() - begun

    def pids(self) -> list[int]:
        """Return the processes of the server: its process group and all that descend from it."""
        return family(self.pid)

    def memory(self) -> int:
        """Return the bytes of memory that the server holds; a page that is shared counts once."""
        return sum(_proportional_bytes(pid) for pid in self.pids())

    def cpu_seconds(self) -> float:
        """Return the processor seconds, user and system, that it has used.

        A process that has ended counts once its parent has waited for it.
        """
        return seconds_of(self.pids())


# --- Processes


def seconds_of(pids: Iterable[int]) -> float:
    """Return the processor seconds, user and system, of some processes."""
    return sum(_ticks(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return the living processes of a group and all that descend from them."""
    parents: dict[int, tuple[int, int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            parents[int(folder.name)] = (int(stat[1]), int(stat[2]))
    found = {number for number, (_, group) in parents.items() if pid in (number, group)}
    while more := {n for n, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; nothing where it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    fields = text.rpartition(")")[2].split()
    return [] if fields[0] in "ZX" else fields


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    # Its own time, then that of children it has waited for, which are gone from /proc.
    return sum(int(field) for field in fields[11:15])


def _proportional_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    command: list[str], folder: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a process group of its own; the group has ended when the block is left.

    What it prints goes to `log` in the folder, which is also its working directory. The command
    ends too when the thread that started it does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the commands are those of this file
            [sys.executable, "-I", "-S", "-c", _LEASH, *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process group, and what has left the group but descends from it."""
    members = family(process.pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        members = sorted({*members, *family(process.pid)})
        _send(number, process.pid, members)
        limit = time.monotonic() + END_SECONDS
        while time.monotonic() < limit:
            # The leader is reaped here; as a zombie it would keep its group alive.
            if process.poll() is not None and not any(_stat(pid) for pid in members):
                return
            time.sleep(0.02)
    left = [pid for pid in members if _stat(pid)]
    raise EngineError(f"processes {left} of a server did not end within {2 * END_SECONDS:g} s")


def _send(number: signal.Signals, group: int, members: list[int]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
    for pid in members:
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(pid) != group:
                os.kill(pid, number)


def wait_until(
    ready: Callable[[], bool],
    process: subprocess.Popen[bytes] | None,
    folder: Path,
    what: str,
) -> None:
    """Wait until a server answers.

    Args:
        ready: Tells whether it does.
        process: Its process; None where somebody else watches that.
        folder: With its log.
        what: It is, for the error.

    Raises:
        EngineError: It ended, or did not answer within `START_SECONDS`.
    """
    limit = time.monotonic() + START_SECONDS
    while not ready():
        if process is not None and process.poll() is not None:
            raise EngineError(
                f"{what} ended with {process.returncode} at its start: {tail(folder)}"
            )
        if time.monotonic() > limit:
            raise EngineError(f"{what} did not answer within {START_SECONDS:g} s: {tail(folder)}")
        time.sleep(0.05)


def tail(folder: Path, size: int = 600) -> str:
    """Return the end of what a server printed, in one line of at most `size` characters."""
    text = (folder / "log").read_text(encoding="utf-8", errors="replace")
    return " ".join(text.split())[-size:] or "it printed nothing"


def _answers(url: str) -> bool:
    try:
        answer = httpx.post(
            url,
            data={"query": "ASK {}"},
            headers={"Accept": "application/sparql-results+json"},
            timeout=5,
        )
    except httpx.TransportError:
        return False  # not yet; wait_until has the limit
    return answer.status_code == 200


def _pieces(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece


def _post(url: str, nquads: Path) -> None:
    answer = httpx.post(
        url,
        content=_pieces(nquads),
        headers={"Content-Type": "application/n-quads"},
        timeout=LOAD_SECONDS,
    )
    if answer.is_error:
        reason = " ".join(answer.text.split())[:300]
        raise EngineError(f"{url}: {nquads.name} was refused with {answer.status_code}: {reason}")


# --- Installing


def fetch(download: Download, target: Path) -> Path:
    """Download a pinned file to `target`, once, and return it.

    Raises:
        EngineMissingError: It cannot be downloaded, or it is not the pinned file.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".partial-") as name:
        partial = Path(name) / "file"
        if download.package.startswith("https://"):
            _fetch_file(download.package, partial)
        else:
            partial = _fetch_package(download.package, Path(name))
        with partial.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != download.sha256:
            raise EngineMissingError(
                f"{download.package}: its SHA-256 is {found}, expected {download.sha256}; "
                "nothing was installed"
            )
        partial.replace(target)
    return target


def _fetch_file(url: str, target: Path) -> None:
    try:
        with httpx.stream("GET", url, timeout=60) as answer, target.open("wb") as file:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                file.write(piece)
    except httpx.HTTPError as error:
        raise EngineMissingError(f"{url} cannot be downloaded: {error}") from None


def _fetch_package(package: str, folder: Path) -> Path:
    apt = program("apt-get", "Debian packages are fetched with it")
    done = call([apt, "download", "--quiet", package], folder=folder)
    files = list(folder.glob("*.deb"))
    if done.returncode or len(files) != 1:
        reason = " ".join(done.stderr.split())[-300:]
        raise EngineMissingError(
            f"apt-get download {package} failed: {reason}; where the list of packages is old or "
            "empty, run apt-get update"
        )
    return files[0]


def program(name: str, purpose: str) -> str:
    """Return the path of a program of this machine.

    Raises:
        EngineMissingError: It is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise EngineMissingError(f"{name} is not installed; {purpose}")
    return path


def unpacked(name: str, packages: Iterable[Download]) -> Path:
    """Return the folder with the files of Debian packages, downloading them once.

    Nothing is installed into the system and no script of a package is run.

    Raises:
        EngineMissingError: They cannot be downloaded or unpacked here.
    """
    folder = TOOLS / name
    if folder.exists():
        return folder
    dpkg = program("dpkg", "Debian packages are unpacked with it")
    architecture = call([dpkg, "--print-architecture"]).stdout.strip()
    if architecture != "amd64":
        raise EngineMissingError(f"{name} is pinned for amd64, this machine is {architecture}")
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS, prefix=".partial-") as partial:
        root = Path(partial) / "root"
        for package in packages:
            file = fetch(package, TOOLS / "packages" / f"{package.sha256}.deb")
            if (done := call([dpkg, "-x", str(file), str(root)])).returncode:
                raise EngineMissingError(f"{package.package} cannot be unpacked: {done.stderr}")
        try:
            root.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was quicker
                raise
    return folder


def _libraries(root: Path) -> dict[str, str]:
    """Return the environment in which the programs of unpacked packages find their libraries."""
    places = sorted({str(path.parent) for path in root.rglob("*.so*")})
    return {"LD_LIBRARY_PATH": os.pathsep.join(places)}


def call(
    command: list[str],
    *,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it printed, whatever its exit code."""
    return subprocess.run(  # noqa: S603 - the commands are those of this folder
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=LOAD_SECONDS,
        check=False,
    )


def wrk() -> tuple[list[str], dict[str, str]]:
    """Return the command of the load generator `wrk` and the environment it needs.

    Raises:
        EngineMissingError: It cannot be had here.
    """
    root = unpacked(f"wrk-{WRK_VERSION}", _WRK)
    return [str(root / "usr/bin/wrk")], {**os.environ, **_libraries(root)}


@contextmanager
def haproxy(
    folder: Path, configuration: Sequence[Path], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the balancer HAProxy in the foreground; its log is in the folder.

    Args:
        folder: For its log.
        configuration: Its files, read one after the other.
        environment: What the files take from the environment, such as addresses.

    Raises:
        EngineMissingError: It cannot be had here.
        EngineError: It refuses the configuration; the message says where.
    """
    root = unpacked(f"haproxy-{HAPROXY_VERSION}", _HAPROXY)
    environment = {**environment, **_libraries(root)}
    command = [str(root / "usr/sbin/haproxy"), "-db"]
    for path in configuration:
        command += ["-f", str(path.resolve())]
    checked = call([*command, "-c"], environment=environment)
    if checked.returncode:
        reason = " ".join(checked.stderr.split())[:600]
        raise EngineError(f"haproxy refuses its configuration: {reason}")
    with started(command, folder, environment) as process:
        yield process


@contextmanager
def nginx(folder: Path, sites: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start nginx in the foreground, with a worker for each processor; its log is in the folder.

    Args:
        folder: For its log and its temporary files.
        sites: What stands in the block `http` of its configuration.

    Raises:
        EngineMissingError: It cannot be had here.
        EngineError: It refuses the configuration; the message says where.
    """
    root = unpacked(f"nginx-{NGINX_VERSION}", _NGINX)
    folder.mkdir(parents=True, exist_ok=True)
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in places)
    (folder / "nginx.conf").write_text(
        f"user {getpass.getuser()}; worker_processes auto; daemon off; pid {folder}/pid;\n"
        "error_log stderr warn;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}{sites}\n}}\n",
        encoding="utf-8",
    )
    command = [str(root / "usr/sbin/nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    checked = call([*command, "-t"], environment=_libraries(root))
    if checked.returncode:
        reason = " ".join(checked.stderr.split())[:600]
        raise EngineError(f"nginx refuses its configuration: {reason}")
    with started(command, folder, _libraries(root)) as process:
        yield process


# --- Servers


@contextmanager
def oxigraph(folder: Path, *, disk: bool = False) -> Iterator[Engine]:
    """Start the native Oxigraph server.

    Args:
        folder: For its log and, on disk, its data.
        disk: Keep the data on disk in RocksDB, not in memory.
    """
    path = Path(sysconfig.get_path("scripts")) / "oxigraph"
    if not path.exists():
        raise EngineMissingError(
            "oxigraph is not in the environment; run: uv sync (it is in the dependency group dev)"
        )
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    place = ["--location", str(folder / "store")] if disk else []
    command = [str(path), "serve", "--bind", f"127.0.0.1:{port}", *place]
    with started(command, folder) as process:
        wait_until(lambda: _answers(f"{url}/query"), process, folder, "oxigraph")
        yield Engine(
            name="oxigraph-disk" if disk else "oxigraph-memory",
            version=importlib.metadata.version("oxigraph"),
            query_url=f"{url}/query",
            gsp_url=f"{url}/store",
            update_url=f"{url}/update",
            pid=process.pid,
            # Without one transaction over the whole file, which would hold it in memory twice.
            loader=lambda nquads: _post(f"{url}/store?no_transaction", nquads),
        )


@contextmanager
def fuseki(folder: Path, *, tdb2: bool = False, heap_megabytes: int = 4096) -> Iterator[Engine]:
    """Start Apache Jena Fuseki.

    Args:
        folder: For its log and its data.
        tdb2: Keep the data on disk in TDB2, not in memory.
        heap_megabytes: Largest heap of Java. TDB2 maps its files beside it.

    Raises:
        EngineMissingError: There is no Java 17, or no way to Maven Central.
    """
    java = program("java", "Fuseki needs Java 17 or later")
    jar = fetch(_FUSEKI, TOOLS / f"jena-fuseki-server-{FUSEKI_VERSION}.jar")
    port = free_port()
    url = f"http://127.0.0.1:{port}/ds"
    if tdb2:
        (folder / "tdb2").mkdir(parents=True, exist_ok=True)
    place = ["--tdb2", f"--loc={folder / 'tdb2'}"] if tdb2 else ["--mem"]
    command = [java, f"-Xmx{heap_megabytes}m", "-jar", str(jar), "--quiet", "--localhost"]
    command += [f"--port={port}", "--update", *place, "/ds"]
    with started(command, folder, {"FUSEKI_BASE": str(folder / "base")}) as process:
        wait_until(lambda: _answers(f"{url}/query"), process, folder, "fuseki")
        yield Engine(
            name="fuseki-tdb2" if tdb2 else "fuseki-memory",
            version=FUSEKI_VERSION,
            query_url=f"{url}/query",
            gsp_url=f"{url}/data",
            update_url=f"{url}/update",
            pid=process.pid,
            loader=lambda nquads: _post(f"{url}/data", nquads),
        )


@contextmanager
def virtuoso(folder: Path, *, buffers: int = 170_000) -> Iterator[Engine]:
    """Start OpenLink Virtuoso.

    It has no default graph of its own: `load` puts the default graph into the named graph
    `ACCEPTED_GRAPH`, and queries are sent with `Engine.parameters`.

    Args:
        folder: For its log, its settings and its data.
        buffers: Pages of 8 KiB that it keeps in memory. Its makers name 170,000 for 2 GB and
            340,000 for 4 GB.
    """
    root = unpacked(f"virtuoso-{VIRTUOSO_VERSION}", _VIRTUOSO)
    environment = _libraries(root)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inbox").mkdir(exist_ok=True)
    port, sql = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    settings = folder / "virtuoso.ini"
    settings.write_text(
        _VIRTUOSO_INI.format(folder=folder, port=port, sql=sql, buffers=buffers),
        encoding="utf-8",
    )
    command = [str(root / "usr/bin/virtuoso-t"), "+foreground", "+configfile", str(settings)]
    with started(command, folder, environment) as process:
        wait_until(lambda: _answers(f"{url}/sparql"), process, folder, "virtuoso")
        console = [str(root / "usr/bin/isql-vt"), f"127.0.0.1:{sql}", "dba", "dba"]
        yield Engine(
            name="virtuoso",
            version=VIRTUOSO_VERSION,
            query_url=f"{url}/sparql",
            gsp_url=f"{url}/sparql-graph-crud-auth",
            update_url=f"{url}/sparql-auth",
            pid=process.pid,
            loader=lambda nquads: _load_virtuoso(console, environment, folder / "inbox", nquads),
            default_graph=ACCEPTED_GRAPH,
            credentials=("dba", "dba"),
        )


_VIRTUOSO_INI: Final = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
MaxCheckpointRemap = 2000

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx

[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}/inbox
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {buffers}
CaseMode = 2
ThreadsPerQuery = 2
SchedulerInterval = 10

[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
MaxClientConnections = 20

[SPARQL]
ResultSetMaxRows = 100000000
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 0
"""


_LOAD: Final = """\
ld_dir('{folder}', 'data.nq', '{graph}');
rdf_loader_run();
checkpoint;
SELECT concat('state=', cast(ll_state as varchar), ' ', coalesce(ll_error, ''))
    FROM DB.DBA.load_list WHERE ll_file = '{folder}/data.nq';
"""


def _load_virtuoso(
    console: list[str], environment: dict[str, str], inbox: Path, nquads: Path
) -> None:
    with tempfile.TemporaryDirectory(dir=inbox) as name:
        # Virtuoso tells N-Quads by the name of the file and reads only where it may.
        shutil.copyfile(nquads, Path(name) / "data.nq")
        statements = _LOAD.format(folder=name, graph=ACCEPTED_GRAPH)
        done = call(
            [*console, "VERBOSE=OFF", "BANNER=OFF", f"EXEC={statements}"], environment=environment
        )
    if done.returncode or not re.search(r"^state=2 *$", done.stdout, re.MULTILINE):
        reason = " ".join((done.stdout + done.stderr).split())[-300:]
        raise EngineError(f"virtuoso: {nquads.name} was not loaded: {reason}")


def _kg() -> str:
    path = Path(sysconfig.get_path("scripts")) / "kg"
    if not path.exists():
        raise EngineMissingError("kg is not in the environment; run: uv sync")
    return str(path)


@contextmanager
def citypledge(
    folder: Path, nquads: Path, *, cache_bytes: int | None = None, options: tuple[str, ...] = ()
) -> Iterator[tuple[Engine, float]]:
    """Start the project's own server on a file of N-Quads; give it and the seconds of loading.

    Args:
        folder: For its log and its workspace.
        nquads: What it serves. It is read-only, so this is loaded before it starts.
        cache_bytes: Size of its cache of answers, 0 for none; None for what it takes by itself.
        options: Further options of `kg serve`.

    Raises:
        EngineMissingError: This version of it has no `kg load`.
    """
    kg, workspace = _kg(), str((folder / "workspace").resolve())
    folder.mkdir(parents=True, exist_ok=True)
    if call([kg, "load", "--help"]).returncode:
        raise EngineMissingError("this version of kg has no command load")
    begun = time.perf_counter()
    done = call([kg, "load", str(nquads.resolve()), "--root", str(ROOT), "--workspace", workspace])
    if done.returncode:
        raise EngineError(f"kg load {nquads.name}: {' '.join(done.stderr.split())[-300:]}")
    seconds = time.perf_counter() - begun
    cache = [] if cache_bytes is None else ["--limit", f"cache_bytes={cache_bytes}"]
    place = ["--root", str(ROOT), "--workspace", workspace]
    command = [kg, "serve", "--current", "--port", "0", *place]
    with started([*command, *cache, *options], folder) as process:
        wait_until(lambda: bool(_address(folder)), process, folder, "kg serve")
        url = _address(folder)
        wait_until(lambda: _answers(f"{url}/sparql"), process, folder, "kg serve")
        yield (
            Engine(
                name="citypledge-uncached" if cache_bytes == 0 else "citypledge",
                version=importlib.metadata.version("citypledge"),
                query_url=f"{url}/sparql",
                gsp_url=None,
                update_url=None,
                pid=process.pid,
                loader=_read_only,
            ),
            seconds,
        )


def _read_only(nquads: Path) -> None:
    raise EngineError(f"citypledge is read-only; give {nquads.name} when it is started")


def _address(folder: Path) -> str:
    """Return the address that `kg serve` has printed; empty before it has."""
    text = (folder / "log").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"(http://127\.0\.0\.1:\d+)/", text)
    return found[1] if found else ""


class Rdflib:
    """The reference: rdflib in this process, without a server.

    The default graph of the Dataset is the default graph alone, not the union.
    """

    def __init__(self) -> None:
        self.version = importlib.metadata.version("rdflib")
        self.dataset = rdflib.Dataset(default_union=False)

    def load(self, nquads: Path) -> float:
        """Load a file of N-Quads and return how many seconds that took."""
        begun = time.perf_counter()
        self.dataset.parse(nquads, format="nquads")
        return time.perf_counter() - begun

    def answer(self, query: str) -> bytes:
        """Return the answer of a query as SPARQL JSON, or as N-Triples where it is a graph."""
        result = self.dataset.query(query)
        is_graph = result.type in ("CONSTRUCT", "DESCRIBE")
        return result.serialize(format="nt" if is_graph else "json") or b""


SERVERS: Final[dict[str, Callable[[Path], AbstractContextManager[Engine]]]] = {
    "oxigraph-memory": oxigraph,
    "oxigraph-disk": lambda folder: oxigraph(folder, disk=True),
    "virtuoso": virtuoso,
    "fuseki-memory": fuseki,
    "fuseki-tdb2": lambda folder: fuseki(folder, tdb2=True),
}


@contextmanager
def loaded(name: str, folder: Path, nquads: Path) -> Iterator[tuple[Engine, float]]:
    """Start a server by its name with a file loaded; give it and the seconds of loading.

    The names are those of `SERVERS`, and `citypledge` and `citypledge-uncached`.
    """
    if name in ("citypledge", "citypledge-uncached"):
        with citypledge(folder, nquads, cache_bytes=0 if "-" in name else None) as found:
            yield found
        return
    with SERVERS[name](folder) as engine:
        yield engine, engine.load(nquads)
