"""Texts are checked as `kg check` checks them, within limits, and nothing of them is kept."""

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.build import build
from kg.check.run import Ground, check_draft, check_files, ground_of
from kg.cli import kg
from kg.findings import Finding, Severity, Span, Text
from kg.query.service import Limits
from kg.renderers import View, render
from kg.snapshot import Snapshot
from kg.web.checking import MOST_FINDINGS
from kg.web.http import POLICY
from kg.web.marked import MOST_LINES, marked
from kg.web.server import front_at, server_for
from kg.web.validation import SHOWN

Serve = Callable[..., AbstractContextManager[Any]]
SealQuads = Callable[[Path, Sequence[ox.Quad]], Snapshot]
BASE = "https://w3id.org/citypledge/"
CASES = Path(__file__).parents[1] / "shapes" / "cases"
HANGS_S = 120
TURTLE = {"Content-Type": "text/turtle"}
PAGE = {"Accept": "text/html"}
SCRIPTS = ["/static/dist/site.js", "/static/validate.js"]
PREFIXES = (
    "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
    "@prefix net: <https://w3id.org/citypledge/id/network/> .\n"
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
)
# A language tag in the wrong case at line 4, column 30, and nothing else.
WRONG_TAG = (
    "@prefix net: <https://w3id.org/citypledge/id/network/> .\n"
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    "\n"
    'net:demo skos:altLabel "Demo"@EN .\n'
)
SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture(scope="module")
def address(serve: Serve, five_built: Snapshot) -> Iterator[str]:
    """Where a server of the facts of the five texts is, with the rules of today."""
    with serve(Limits(printed_things=0, validate_bytes=500_000), five_built) as running:
        yield running.address


@pytest.fixture(scope="module")
def ground(five_texts: Path) -> Ground:
    """What `kg check` checks a file outside the dataset with."""
    return ground_of(five_texts)


def post(address: str, text: str | bytes, path: str = "", **headers: str) -> httpx.Response:
    return httpx.post(
        f"{address}/validate{path}", content=text, headers=TURTLE | headers, timeout=HANGS_S
    )


def send_form(address: str, **parts: Any) -> httpx.Response:
    return httpx.post(f"{address}/validate", headers=PAGE, timeout=HANGS_S, **parts)


def without_rules(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings without the places of the rules, which a server that has no files cannot name."""
    for finding in findings:
        related = finding["related"]
        finding["related"] = [each for each in related if not each["path"].startswith("shapes/")]
    return findings


def expected(text: str, name: str, ground: Ground, root: Path) -> list[dict[str, Any]]:
    findings = check_draft(text, name, ground).findings
    found: list[dict[str, Any]] = json.loads(render(View(findings, root, (name,)), "json"))
    return without_rules(found)


class Page(HTMLParser):
    """A page: its elements, its text, and whether the elements are well nested."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.is_nested = True
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "path", "circle", "rect", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.is_nested = self.is_nested and bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            found
            for name, found in self.elements
            if name == tag and all(found.get(key) == value for key, value in attributes.items())
        ]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))


# --- The same as kg check


def test_a_case_of_every_family_has_the_findings_of_kg_check(
    address: str, ground: Ground, five_texts: Path
) -> None:
    families = {case.name[:3]: case for case in sorted(CASES.glob("*.ttl"))}
    cases = [*families.values()]
    found, wanted = {}, {}
    with httpx.Client(base_url=address, headers=TURTLE, timeout=HANGS_S) as client:
        for case in cases:
            data = case.read_bytes()
            answer = client.post(f"/validate?name={case.name}", content=data)
            assert answer.status_code == 200, case.name
            found[case.name] = answer.json()
            wanted[case.name] = expected(data.decode(), case.name, ground, five_texts)

    assert len(cases) > 25
    assert found == wanted


def test_every_case_has_the_codes_of_its_file(address: str, five_texts: Path) -> None:
    cases = sorted(CASES.glob("PLG*.ttl"))
    told = {case.name: set() for case in cases}
    for finding in check_files(five_texts, cases).findings:
        told[Path(finding.path).name].add(finding.code)

    found = {c.name: {f["code"] for f in post(address, c.read_bytes()).json()} for c in cases}

    assert found == told
    assert all(name[:5] in codes for name, codes in found.items())


def test_the_json_is_that_of_the_command(
    address: str, five_texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PREFIXES + 'net:demo skos:altLabel "Demo"@EN ; cpo:nothing net:none .\n'
    Path("draft.ttl").write_text(text, encoding="utf-8")

    said = CliRunner().invoke(
        kg,
        ["check", "draft.ttl", "--root", str(five_texts), "--format", "json", "--language", "en"],
    )
    answer = post(address, Path("draft.ttl").read_bytes(), "?name=draft.ttl")

    assert without_rules(json.loads(said.stdout)) == answer.json()
    assert {"TXT01", "VOC01"} <= {finding["code"] for finding in answer.json()}


def test_a_thing_that_the_snapshot_describes_may_be_referred_to(
    address: str, five_store: ox.Store
) -> None:
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    network = ox.NamedNode(BASE + "ont#Network")
    known = min(q.subject.value for q in five_store.quads_for_pattern(None, kind, network))
    say = "net:demo cpo:hasSubnetwork <{}> , net:of-nobody .\n"

    found = post(address, PREFIXES + say.format(known)).json()

    dangling = [finding["focus"] for finding in found if finding["code"] == "REF01"]
    assert dangling == [BASE + "id/network/of-nobody"]


def test_a_snapshot_with_another_base_has_the_same_rules(
    serve: Serve, ground: Ground, five_texts: Path, tmp_path: Path
) -> None:
    other = build(five_texts, tmp_path, base="http://cities.example.org/graph/")
    cases = sorted(CASES.glob("L*.ttl"))

    with serve(Limits(printed_things=0, workers=1), other) as running:
        found = [post(running.address, c.read_bytes(), f"?name={c.name}").json() for c in cases]

    assert found == [expected(c.read_text("utf-8"), c.name, ground, five_texts) for c in cases]


def test_a_snapshot_on_disk_has_the_same_rules(
    serve: Serve, five_built: Snapshot, ground: Ground, five_texts: Path
) -> None:
    with serve(Limits(memory_share=0, printed_things=0, workers=1), five_built) as running:
        assert running.front.deployment.mode == "disk"
        found = post(running.address, WRONG_TAG).json()

    assert found == expected(WRONG_TAG, "text.ttl", ground, five_texts)


# --- What comes in and what goes out


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/sarif+json", "application/sarif+json"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("text/html, */*;q=0.1", "text/html; charset=utf-8"),
        ("image/png, application/sarif+json;q=0.1", "application/sarif+json"),
    ],
)
def test_the_answer_has_the_type_that_is_asked_for(
    address: str, accept: str, media_type: str
) -> None:
    answer = post(address, WRONG_TAG, Accept=accept)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert answer.headers["Findings"].startswith("errors=1, warnings=")


@pytest.mark.parametrize("extension", ["ttl", "jsonld", "rdf", "nt"])
def test_the_report_is_the_same_graph_in_every_format(address: str, extension: str) -> None:
    answer = post(address, WRONG_TAG, f"?format={extension}", Accept="image/png")

    form = ox.RdfFormat.from_extension(extension)
    graph = list(ox.parse(answer.content, format=form))
    kinds = [quad.object.value for quad in graph if quad.predicate.value.endswith("#type")]
    conforms = [quad.object.value for quad in graph if quad.predicate.value == SH + "conforms"]
    assert kinds.count(SH + "ValidationReport") == 1
    assert conforms == ["false"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="findings.{extension}"'


def test_sarif_has_the_place_and_the_rule(address: str) -> None:
    (run,) = post(address, WRONG_TAG, "?format=sarif&name=draft.ttl").json()["runs"]

    (result,) = [each for each in run["results"] if each["ruleId"] == "TXT01"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "draft.ttl"
    assert (place["region"]["startLine"], place["region"]["startColumn"]) == (4, 30)


@pytest.mark.parametrize(
    ("parameter", "header", "language"),
    [
        ("?language=lt", "sl", "lt"),
        ("", "sl-SI, en;q=0.5", "sl"),
        ("", "de, lt;q=0.3", "lt"),
        ("", "de", "en"),
    ],
)
def test_findings_are_said_in_the_language_of_the_reader(
    address: str, parameter: str, header: str, language: str
) -> None:
    answer = post(address, WRONG_TAG, parameter, **{"Accept-Language": header})

    assert answer.headers["Content-Language"] == language
    for finding in answer.json():
        assert finding["message"] == finding["said"][language]


def test_a_form_a_file_and_a_body_have_the_same_findings(address: str) -> None:
    accept = {"Accept": "application/json"}
    url = f"{address}/validate"
    with_line_ends = WRONG_TAG.replace("\n", "\r\n")  # as a browser sends a text field
    sent = [
        httpx.post(url, data={"text": with_line_ends}, headers=accept, timeout=HANGS_S),
        httpx.post(url, files={"text": (None, with_line_ends)}, headers=accept, timeout=HANGS_S),
        httpx.post(
            url,
            data={"text": "not this"},
            files={"file": ("C:\\drafts\\text.ttl", WRONG_TAG)},
            headers=accept,
            timeout=HANGS_S,
        ),
    ]

    assert [answer.json() for answer in sent] == [post(address, WRONG_TAG).json()] * 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'<a:b> <a:c> "ok" .\n<a:b> <a:c> "\xff" .', (2, 14)),
        ("<a:b> <a:c> 'ž".encode() + b"\xe9' .", (1, 15)),
        (b"\xef\xbb\xbf<a:b> <a:c> 1 .", (1, 1)),
    ],
)
def test_a_text_that_is_not_utf_8_is_a_finding_with_its_place(
    address: str, text: bytes, place: tuple[int, int]
) -> None:
    (found,) = post(address, text).json()
    (of_form,) = httpx.post(
        f"{address}/validate",
        content=urlencode({"text": text}),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=HANGS_S,
    ).json()

    assert (found["code"], found["line"], found["column"]) == ("ENC01", *place)
    assert of_form == found


# --- Refusals


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, {"content": b"", "params": {"format": "exe"}, "headers": TURTLE}),
        (400, {"content": b"", "params": {"language": "xx"}, "headers": TURTLE}),
        (400, {"data": {"nothing": "1"}}),
        (400, {"data": {f"f{n}": "1" for n in range(50)}}),
        (400, {"files": [("file", ("a.ttl", "")), ("file", ("b.ttl", ""))]}),
        (400, {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}),
        (400, {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}),
        (406, {"content": b"", "headers": TURTLE | {"Accept": "image/png"}}),
        (413, {"content": b" " * 500_001, "headers": TURTLE}),
        (413, {"content": iter([b" " * 250_001] * 40), "headers": TURTLE}),
        (413, {"data": {"text": " " * 500_001}}),
        (413, {"files": {"file": ("a.ttl", " " * 500_001)}}),
        (413, {"content": b" " * 10_000_000, "headers": TURTLE}),
        (415, {"content": b"{}", "headers": {"Content-Type": "application/json"}}),
        (415, {"content": b"", "headers": {"Content-Type": "text/turtle; charset=utf-16"}}),
        (415, {"content": b"x", "headers": {}}),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_with_a_reason(
    address: str, status: int, request_: dict[str, Any]
) -> None:
    answer = httpx.post(f"{address}/validate", timeout=HANGS_S, **request_)

    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["title"] and problem["detail"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_other_methods_are_refused_and_the_right_ones_named(address: str) -> None:
    refused = httpx.put(f"{address}/validate", content=b"", timeout=HANGS_S)
    options = httpx.options(f"{address}/validate", timeout=HANGS_S)

    assert refused.status_code == 405
    assert refused.headers["Allow"] == options.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert options.status_code == 204
    assert "text/turtle" in options.headers["Accept-Post"]


def test_the_quota_counts_texts_and_queries_together(serve: Serve, five_built: Snapshot) -> None:
    with serve(Limits(per_minute=2, printed_things=0, cache_bytes=0), five_built) as running:
        query = {"query": "ASK { ?s ?p 17 }"}
        first = httpx.get(f"{running.address}/sparql", params=query, timeout=HANGS_S)
        texts = [post(running.address, WRONG_TAG) for _ in range(2)]

    assert [first.status_code, *(each.status_code for each in texts)] == [200, 200, 429]
    assert int(texts[1].headers["Retry-After"]) > 0


def test_a_check_is_stopped_at_its_deadline_and_another_goes_on(
    serve: Serve, five_built: Snapshot
) -> None:
    many = "".join(f'net:n{n} skos:prefLabel "{n}"@EN .\n' for n in range(40_000))

    with serve(Limits(deadline_s=1, printed_things=0), five_built) as running:
        stopped = post(running.address, PREFIXES + many)
        another = post(running.address, WRONG_TAG)
        kills = dict(running.pool.kills)

    assert (stopped.status_code, stopped.json()["title"]) == (504, "Check took too long")
    assert another.status_code == 200
    assert kills["deadline"] == 1


def test_a_client_that_hangs_up_stops_its_check(serve: Serve, five_built: Snapshot) -> None:
    many = PREFIXES + "".join(f'net:n{n} skos:prefLabel "{n}"@EN .\n' for n in range(40_000))
    head = "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
    head += f"Content-Length: {len(many)}\r\n\r\n"

    with serve(Limits(deadline_s=600, workers=1, printed_things=0), five_built) as running:
        with running.connect() as connection:
            connection.sendall(head.encode() + many.encode())
            running.until(lambda load: load["running_quick"] == 1, "the check runs")
        running.until(lambda _: running.pool.kills["unwanted"] == 1, "the check is ended")
        assert post(running.address, WRONG_TAG).status_code == 200


# --- Hostile texts


def test_deep_nesting_is_a_finding(address: str) -> None:
    for text in ("[" * 5_000 + "]" * 5_000 + " .", "( " * 20_000, "[ <a:b> " * 20_000):
        answer = post(address, PREFIXES + "net:demo skos:note " + text)

        assert answer.status_code == 200
        assert "errors=0" not in answer.headers["Findings"]


def test_nothing_in_a_text_is_fetched_or_run(
    address: str, ground: Ground, five_texts: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        place = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        text = f"""{PREFIXES}@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <{SH}> .
<{place}ontology> a owl:Ontology ; owl:imports <{place}import> .
<{place}shape> a sh:NodeShape ; sh:targetClass cpo:Network ;
    sh:sparql <{place}query> ; sh:property <{place}property> .
<{place}property> sh:path skos:note ; sh:minCount 1 ; sh:message "of a stranger" .
<{place}query> sh:message "of a stranger" ;
    sh:select "SELECT $this {{ SERVICE <{place}sparql> {{ ?s ?p ?o }} }}" .
net:demo a cpo:Network .
"""
        answer = post(address, text)
        with pytest.raises(TimeoutError):
            listener.accept()

    assert answer.json() == expected(text, "text.ttl", ground, five_texts)
    assert "of a stranger" not in "".join(finding["message"] for finding in answer.json())


def test_a_pattern_is_not_made_to_explode(address: str) -> None:
    for letters in ("1 - ", "a@", "++", "(0)", "1.1."):
        text = f'{PREFIXES}net:demo skos:altLabel "{letters * 40_000}"@en .'

        assert post(address, text).status_code == 200


def test_of_many_findings_the_first_are_told_and_all_are_counted(address: str) -> None:
    count = MOST_FINDINGS + 500
    text = PREFIXES + "".join(f'<a:{n}> skos:note "{n}"@EN .\n' for n in range(count))

    answer = post(address, text)
    page = Page(post(address, text, **PAGE).text)

    errors = int(re.findall(r"errors=(\d+)", answer.headers["Findings"])[0])
    assert errors >= count
    assert answer.headers["Findings"].endswith(f", shown={MOST_FINDINGS}")
    assert len(answer.json()) == MOST_FINDINGS
    assert (
        len([each for each in page.all("li") if (each.get("id") or "").startswith("finding")])
        == SHOWN
    )
    assert f"These are the first {SHOWN} of" in page.text


def test_the_name_of_a_text_leads_to_no_file(address: str) -> None:
    for name in ("/etc/passwd", "../../etc/passwd", "..\\..\\etc\\passwd", "shapes/pledges.ttl"):
        (found, *_) = post(address, "<a:b> <a:c> .", f"?name={name}").json()

        assert found["path"] in ("passwd", "pledges.ttl")
    hostile = post(address, "<a:b> .", "?name=a%0D%0AX-Evil:+1%00%E2%80%AEb.ttl&format=sarif")
    assert "X-Evil" not in hostile.headers
    assert hostile.status_code == 200


def test_nothing_of_a_text_is_written_down(
    serve: Serve,
    five_built: Snapshot,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    secret = "a-secret-word"
    with caplog.at_level(logging.DEBUG), serve(Limits(printed_things=0), five_built) as running:
        post(running.address, f"<a:{secret}> <a:{secret}>", f"?name={secret}.ttl")
        post(running.address, f'{PREFIXES}<a:{secret}> skos:prefLable "{secret}"@EN .')
        post(running.address, secret, "?format=exe")

    ours = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert ours
    assert secret not in "".join(record.getMessage() + str(record.__dict__) for record in ours)
    assert secret not in "".join(capfd.readouterr())


# --- Servers without rules


def test_a_snapshot_without_shapes_says_that_it_has_no_rules(
    serve: Serve, served: Snapshot
) -> None:
    with serve(Limits(printed_things=0), served) as running:
        answers = [
            post(running.address, WRONG_TAG),
            httpx.get(f"{running.address}/validate", timeout=HANGS_S),
        ]
        home = httpx.get(running.address, headers=PAGE, timeout=HANGS_S)

    for answer in answers:
        assert (answer.status_code, answer.json()["title"]) == (501, "No rules here")
    assert "/validate" not in home.text


@contextmanager
def before_a_store(url: str) -> Iterator[str]:
    """Runs a server that stands before an endpoint; gives its own address."""
    server = server_for(front_at(url, BASE))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_a_server_before_a_store_says_that_it_has_no_rules(address: str) -> None:
    with before_a_store(f"{address}/sparql") as before:
        answer = post(before, WRONG_TAG)

    assert (answer.status_code, answer.json()["title"]) == (501, "No rules here")


# --- The page


def test_the_empty_page_has_a_form_with_labels_and_runs_only_scripts_of_this_server(
    address: str,
) -> None:
    answer = httpx.get(f"{address}/validate", headers=PAGE, timeout=HANGS_S)

    page = Page(answer.text)
    (form,) = page.all("form", id="check")
    labelled = {label["for"] for label in page.all("label")}
    scripts = [script["src"] or "" for script in page.all("script")]
    assert page.is_nested and page.open == []
    assert (form["action"], form["method"]) == ("/validate", "post")
    assert form["enctype"] == "multipart/form-data"
    assert {"text", "file", "language"} <= labelled
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert [path.partition("?")[0] for path in scripts] == SCRIPTS
    for path in (*scripts, *(link["href"] for link in page.all("link", rel="stylesheet"))):
        assert httpx.get(f"{address}{path}", timeout=HANGS_S).status_code == 200
    home = httpx.get(address, headers=PAGE, timeout=HANGS_S)
    assert home.headers["Content-Security-Policy"] == POLICY
    assert 'href="/validate"' in home.text


def test_the_page_marks_what_is_wrong_and_links_it_with_the_finding(address: str) -> None:
    answer = send_form(address, files={"file": ("draft.ttl", WRONG_TAG)})

    page = Page(answer.text)
    ids = {found["id"] for _, found in page.elements if "id" in found}
    assert answer.status_code == 200
    assert page.is_nested and page.open == []
    assert len(ids) == len([1 for _, found in page.elements if "id" in found])
    assert "1 error, 0 warnings" in page.text
    assert "language tag @EN is not in its canonical case" in page.text
    assert '<a class="mark violation" href="#finding-1">@EN</a>' in answer.text
    assert {"finding-1", "text-4"} <= ids
    links = [link["href"] or "" for link in page.all("a") if (link["href"] or "").startswith("#")]
    assert all(link[1:] in ids for link in links)
    assert "Wrong" in page.text and "Right" in page.text
    assert page.all("input", name="name", value="draft.ttl")
    assert not any(name.startswith("on") for _, found in page.elements for name in found)
    assert "style" not in {name for _, found in page.elements for name in found}


def test_a_filter_and_a_download_are_buttons_that_send_the_form_again(address: str) -> None:
    text = WRONG_TAG + 'net:demo skos:prefLable "x"@en .\n'
    page = Page(send_form(address, data={"text": text}).text)

    codes = {button["value"] for button in page.all("button", name="only", form="check")}
    formats = {button["value"] for button in page.all("button", name="format", form="check")}
    only = Page(send_form(address, data={"text": text, "only": "TXT01"}).text)
    (pressed,) = only.all("button", **{"aria-pressed": "true"})

    assert {"", "TXT01", "VOC02"} <= codes
    assert {"json", "sarif", "html", "ttl"} <= formats
    assert [each["id"] for each in only.all("li", **{"class": "violation"})] == ["finding-1"]
    assert pressed["value"] == "TXT01"
    for form in formats:
        file = send_form(address, data={"text": text, "format": form})
        assert file.headers["Content-Disposition"].startswith("attachment")
        assert "TXT01" in file.text


def test_a_text_without_fault_is_said_to_have_none(address: str) -> None:
    (valid, *_) = sorted(CASES.glob("valid-*.ttl"))

    page = Page(send_form(address, files={"file": (valid.name, valid.read_bytes())}).text)

    assert "Nothing was found" in page.text


def test_hostile_letters_stand_on_the_page_as_text(address: str) -> None:
    hostile = "</textarea></code><script>alert(1)</script><img src=x onerror=alert(1)>"

    answer = send_form(
        address, files={"file": ("<b>x</b>.ttl", f'{PREFIXES}net:demo cpo:x "{hostile}"@EN .')}
    )

    page = Page(answer.text)
    assert len(page.all("script")) == len(SCRIPTS)
    assert not page.all("img")
    assert page.is_nested and page.open == []
    assert page.text.count(hostile) >= 2


def test_the_fault_of_a_form_is_a_page(address: str) -> None:
    answer = send_form(address, data={"text": " " * 500_001})

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Text too large" in Page(answer.text).text


# --- The marked text


def finding(span: Span, severity: Severity = Severity.VIOLATION) -> Finding:
    return Finding("TXT01", severity, span, Text("x"))


def test_a_mark_is_on_the_letters_of_its_span() -> None:
    found = [(1, finding(Span("t", 1, 3, 2, 2)))]

    lines = marked("abcd\nefg\n", "t", found)

    assert [[tuple(piece) for piece in line.pieces] for line in lines] == [
        [("ab", "", 0), ("cd", "violation", 1)],
        [("e", "violation", 1), ("fg", "", 0)],
        [("", "", 0)],
    ]
    assert [line.numbers for line in lines] == [[1], [], []]


def test_of_two_marks_on_one_letter_the_error_is_shown() -> None:
    found = [
        (1, finding(Span("t", 1, 1, 1, 4), Severity.WARNING)),
        (2, finding(Span("t", 1, 2, 1, 3))),
    ]

    (line,) = marked("abc", "t", found)

    assert [tuple(piece) for piece in line.pieces] == [
        ("a", "warning", 1),
        ("b", "violation", 2),
        ("c", "warning", 1),
    ]


def test_a_place_at_the_end_of_a_line_is_marked_too() -> None:
    (line, _) = marked("ab\n", "t", [(1, finding(Span("t", 1, 3, 1, 3)))])

    assert [tuple(piece) for piece in line.pieces] == [("ab", "", 0), (" ", "violation", 1)]


def test_of_a_long_text_only_what_is_near_a_finding_is_shown() -> None:
    text = "x\n" * (MOST_LINES + 10)

    lines = marked(text, "t", [(1, finding(Span("t", 900, 1, 900, 2)))])

    assert [(line.number, line.is_after_gap) for line in lines] == [
        (898, True),
        (899, False),
        (900, False),
        (901, False),
        (902, False),
    ]
