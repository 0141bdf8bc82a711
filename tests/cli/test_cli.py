"""The command, run as people run it: what it prints and the exit codes that it promises.

On the facts of the five texts: what is printed and the exit codes are the same for any data. That
the whole dataset has no finding is in check/test_run.py.
"""

import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rdflib
from SPARQLWrapper import CSV, JSON, POST, SPARQLWrapper

from kg.dataset import ROOT_MARKS
from kg.namespaces import PREFIXES

KG = str(Path(sys.executable).with_name("kg"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture
def copy(five_texts: Path, tmp_path: Path) -> Path:
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, tmp_path / part)
    return tmp_path


def kg(*arguments: str | Path, root: Path, workspace: Path) -> subprocess.CompletedProcess[str]:
    places = {"KG_ROOT": str(root), "KG_WORKSPACE": str(workspace)}
    return subprocess.run(
        [KG, *map(str, arguments)],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(KG).parent,
    )


def one_line(text: str) -> str:
    assert text.startswith("kg: ") and text.count("\n") == 1, text
    return text


def test_check_of_a_dataset_without_fault_finds_nothing_and_exits_0(
    five_texts: Path, workspace: Path
) -> None:
    done = kg("check", root=five_texts, workspace=workspace)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith(": 0 errors, 0 warnings\n")


def test_check_of_a_bad_file_exits_1_and_says_where(
    five_texts: Path, workspace: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text(
        '@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<http://e/s> skos:note "x"@LT .\n',
        encoding="utf-8",
    )
    done = kg("check", bad, "--format", "concise", root=five_texts, workspace=workspace)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{bad}:2:27: error TXT01 ")
    (found,) = json.loads(
        kg("check", "--format", "json", bad, root=five_texts, workspace=workspace).stdout
    )
    assert (found["code"], found["line"], found["column"]) == ("TXT01", 2, 27)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "nowhere.ttl"), "nowhere.ttl"),
        (("check", "--root", "/"), "--root"),
        (("query", "nothing-like-it"), "no question"),
        (("query", "CQ01", "-p", "network"), "NAME=VALUE"),
        (("query", "CQ01", "-p", "net=x"), "network"),
        (("query", "CQ34", "-p", "year=soon"), "such as 2030"),
        (("query", "CQ01", "--endpoint", "http://127.0.0.1:9/sparql"), "endpoint"),
        (("show", "Atlantis"), "Atlantis"),
        (("show", "http://example.org/a b"), "no blanks"),
        (("serve", "--host", "a..b"), "a..b"),
        (("query", "CQ82", "-p", "day=2019-02-30"), "expected a day"),
        (("explain", "XYZ99"), "XYZ99"),
        (("evidence", "no-folder"), "no-folder"),
        (("build", "--base", "example.org"), "--base"),
        (("serve", "--host", "no.such.host.invalid"), "no.such.host.invalid"),
    ],
)
def test_a_call_that_cannot_be_done_is_one_line_with_the_reason_and_exits_2(
    five_texts: Path, workspace: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = kg(*arguments, root=five_texts, workspace=workspace)
    assert done.returncode == 2
    assert says in one_line(done.stderr)


def test_an_unknown_option_exits_2_and_shows_the_usage(five_texts: Path, workspace: Path) -> None:
    done = kg("check", "--nonsense", root=five_texts, workspace=workspace)
    assert done.returncode == 2
    assert "Usage: kg check" in done.stderr


def test_broken_shapes_are_not_the_fault_of_the_data_and_exit_2(
    copy: Path, workspace: Path
) -> None:
    (copy / "shapes" / "places.ttl").write_text("nonsense", encoding="utf-8")
    done = kg("check", root=copy, workspace=workspace)
    assert done.returncode == 2
    assert "shapes/places.ttl:1:" in one_line(done.stderr)


def test_an_empty_folder_exits_2_and_writes_nothing(copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(copy / "data")
    (copy / "data").mkdir()
    empty = tmp_path / "w"
    empty.mkdir()
    done = kg("build", root=copy, workspace=empty)
    assert done.returncode == 2
    assert "no Turtle file" in one_line(done.stderr)
    assert list(empty.iterdir()) == []


def test_a_refused_build_exits_1_and_shows_the_findings(copy: Path, tmp_path: Path) -> None:
    (copy / "data" / "links.ttl").write_text("nonsense", encoding="utf-8")
    done = kg("build", root=copy, workspace=tmp_path / "w")
    assert done.returncode == 1
    assert done.stdout.startswith("data/links.ttl:1:")
    assert "nothing was built" in one_line(done.stderr)


def test_build_prints_the_snapshot_that_it_made(five_texts: Path, workspace: Path) -> None:
    done = kg("build", root=five_texts, workspace=workspace)
    assert done.returncode == 0
    name = (workspace / "current").read_text(encoding="ascii").strip()
    assert f"snapshot  {name}\n" in done.stdout


def test_a_question_is_answered_as_table_csv_and_json(five_texts: Path, workspace: Path) -> None:
    # The source text says so in Lithuanian: the lead partner is the city of Tallinn (Estonia).
    table = kg("query", "CQ01", root=five_texts, workspace=workspace)
    assert "City of Tallinn (municipality)   Estonia" in table.stdout
    assert table.stderr.startswith("Who leads the network")
    text = kg(
        "query", "network-lead", "--format", "csv", root=five_texts, workspace=workspace
    ).stdout
    assert list(csv.reader(io.StringIO(text)))[1] == ["City of Tallinn (municipality)", "Estonia"]
    answer = json.loads(
        kg("query", "CQ01", "--format", "json", root=five_texts, workspace=workspace).stdout
    )
    assert answer["results"]["bindings"][0]["country"]["value"] == "Estonia"


def test_a_question_takes_parameters(five_texts: Path, workspace: Path) -> None:
    done = kg(
        "query", "CQ05", "-p", "network=urbact-rurban", "--format", "csv",
        root=five_texts, workspace=workspace,
    )  # fmt: skip
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1  # the source gives its phases no dates


def test_without_a_name_the_questions_are_listed_in_the_language_asked_for(
    five_texts: Path, workspace: Path
) -> None:
    done = kg("query", "--language", "lt", root=five_texts, workspace=workspace)
    assert done.returncode == 0
    assert "Kas vadovauja tinklui" in done.stdout


@pytest.mark.parametrize(
    "name",
    ["Klaipėda", "klaipėda", "city:lt-klaipeda", "https://w3id.org/citypledge/id/city/lt-klaipeda"],
)
def test_a_thing_is_shown_by_any_of_its_names_with_its_sources(
    five_texts: Path, workspace: Path, name: str
) -> None:
    done = kg("show", name, root=five_texts, workspace=workspace)
    assert done.returncode == 0
    assert "https://w3id.org/citypledge/id/city/lt-klaipeda" in done.stdout
    assert "Klaipėda in the SDG Pilot Network" in done.stdout


def test_a_retired_thing_is_shown_with_its_reason_and_what_took_its_place(
    copy: Path, tmp_path: Path
) -> None:
    head = "".join(
        f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n"
        for prefix in ("city", "cpo", "dcterms", "skos", "v", "xsd")
    )
    (copy / "data/retired.ttl").write_text(
        f'{head}\ncity:lt-memel a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;\n'
        "    cpo:retirementReason v:retired-merged ; dcterms:isReplacedBy city:lt-klaipeda ;\n"
        '    skos:changeNote "Its German name."@en .\n',
        encoding="utf-8",
    )
    done = kg("show", "city:lt-memel", root=copy, workspace=tmp_path / "workspace")
    assert (done.returncode, done.stdout) == (
        0,
        "city:lt-memel  (no longer described since 2026-01-31: merged)\n"
        "https://w3id.org/citypledge/id/city/lt-memel\n"
        "  what took its place: Klaipėda@en (city:lt-klaipeda)\n"
        "  note: Its German name.@en\n",
    )


def test_a_misspelling_of_a_source_leads_to_the_thing(five_texts: Path, workspace: Path) -> None:
    done = kg("show", "RURAL", root=five_texts, workspace=workspace)
    assert done.stdout.startswith("RU:RBAN")


def test_what_a_ruling_rejects_is_shown_apart(five_texts: Path, workspace: Path) -> None:
    # ruling:ru-0004: a text names Ireland at a stage before the network was approved.
    done = kg("show", "The Playful Paradigm", root=five_texts, workspace=workspace)
    accepted, _, rejected = done.stdout.partition("Said, but not accepted")
    assert "Ireland" in rejected and "Ireland" not in accepted


def test_a_rule_is_explained_with_wrong_and_right(five_texts: Path, workspace: Path) -> None:
    done = kg("explain", "plg01", root=five_texts, workspace=workspace)
    assert done.returncode == 0
    for part in ("PLG01", "Why:", "Wrong:", "Right:"):
        assert part in done.stdout


def test_spinner_and_colours_stay_away_where_there_is_no_terminal(
    five_texts: Path, workspace: Path
) -> None:
    done = kg("query", "CQ01", root=five_texts, workspace=workspace)
    assert "\x1b" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def served(five_texts: Path, workspace: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [KG, "serve", "--port", "0"],
        env=os.environ | {"KG_ROOT": str(five_texts), "KG_WORKSPACE": str(workspace)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    yield line.split(" at ")[1].split(" ")[0]
    process.send_signal(signal.SIGINT)
    process.wait(30)
    process.stderr.close()


def test_serve_says_where_and_answers_there(served: str) -> None:
    assert served.startswith("http://127.0.0.1:")
    assert httpx.get(f"{served}healthz", timeout=60).status_code == 200


def test_a_sparql_client_gets_the_answer_of_a_question(served: str, five_texts: Path) -> None:
    client = SPARQLWrapper(f"{served}sparql")
    client.setQuery((five_texts / "queries/questions/network-lead.rq").read_text(encoding="utf-8"))
    client.setMethod(POST)
    client.setReturnFormat(JSON)
    rows = client.queryAndConvert()["results"]["bindings"]
    assert [row["country"]["value"] for row in rows] == ["Estonia"]
    client.setReturnFormat(CSV)
    assert b"Estonia" in client.queryAndConvert()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # inside rdflib's JSON-LD
@pytest.mark.parametrize("form", ["turtle", "xml", "json-ld", "nt"])
def test_rdflib_follows_an_entity_to_its_data(served: str, form: str) -> None:
    graph = rdflib.Graph().parse(f"{served}id/city/lt-klaipeda", format=form)
    city = rdflib.URIRef("https://w3id.org/citypledge/id/city/lt-klaipeda")
    country = rdflib.URIRef("https://w3id.org/citypledge/ont#country")
    expected = rdflib.URIRef("http://publications.europa.eu/resource/authority/country/LTU")
    assert (city, country, expected) in graph


def test_a_question_can_be_asked_of_an_endpoint(
    served: str, five_texts: Path, workspace: Path
) -> None:
    own = kg("query", "CQ14", "--format", "csv", root=five_texts, workspace=workspace)
    there = kg(
        "query", "CQ14", "--format", "csv", "--endpoint", f"{served}sparql",
        root=five_texts, workspace=workspace,
    )  # fmt: skip
    assert there.stdout == own.stdout
    assert there.stdout.count("\n") > 1


def test_a_port_in_use_is_one_line_with_the_remedy_and_exits_2(
    five_texts: Path, workspace: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = kg("serve", "--port", str(port), root=five_texts, workspace=workspace)
    assert done.returncode == 2
    assert str(port) in one_line(done.stderr)
    assert "--port" in done.stderr


def test_with_bad_files_the_last_good_snapshot_is_served_and_said_so(
    copy: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    assert kg("build", root=copy, workspace=place).returncode == 0
    (copy / "data" / "links.ttl").write_text("nonsense", encoding="utf-8")
    done = kg("query", "CQ01", root=copy, workspace=place)
    assert done.returncode == 0
    assert "Estonia" in done.stdout
    assert "last good snapshot" in done.stderr


def test_a_workspace_keeps_the_base_that_it_was_built_with(
    five_texts: Path, tmp_path: Path
) -> None:
    base = "https://example.org/cities/"
    assert kg("build", "--base", base, root=five_texts, workspace=tmp_path).returncode == 0
    shown = kg("show", "Klaipėda", root=five_texts, workspace=tmp_path)
    asked = kg("query", "network-lead", "--format", "csv", root=five_texts, workspace=tmp_path)
    assert f"{base}id/city/lt-klaipeda" in shown.stdout
    assert asked.stdout.count("\n") == 2  # a line of names, and who leads
    assert f"base {base}" in kg("build", root=five_texts, workspace=tmp_path).stdout


def test_with_bad_files_and_no_snapshot_nothing_is_served(copy: Path, tmp_path: Path) -> None:
    (copy / "data" / "links.ttl").write_text("nonsense", encoding="utf-8")
    done = kg("serve", "--port", "0", root=copy, workspace=tmp_path / "w")
    assert done.returncode == 1


def test_evidence_compares_every_span_where_the_texts_are_at_hand(
    root: Path, workspace: Path
) -> None:
    texts = root.parent / "shared" / "seeds"
    if not texts.is_dir():
        pytest.skip("the five source texts are not part of the project")
    done = kg("evidence", texts, root=root, workspace=workspace)
    assert done.returncode == 0
    assert done.stderr == "5 texts, 407 spans compared, 3 withheld: 0 findings\n"


def test_evidence_finds_a_text_that_is_not_the_one_read_and_one_that_is_missing(
    five_texts: Path, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "000_f441dc3b92476647.txt").write_text("another text", encoding="utf-8")
    done = kg("evidence", tmp_path, "--format", "json", root=five_texts, workspace=workspace)
    codes = [finding["code"] for finding in json.loads(done.stdout)]
    assert done.returncode == 1
    assert sorted(codes) == ["EVD01"] + ["EVD03"] * 4


def test_what_is_wrong_with_the_files_never_mixes_with_an_answer(
    copy: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    good = kg("query", "CQ01", "--format", "csv", root=copy, workspace=place)
    (copy / "data" / "links.ttl").write_text("nonsense", encoding="utf-8")
    bad = kg("query", "CQ01", "--format", "csv", root=copy, workspace=place)
    shutil.rmtree(copy / "data")
    (copy / "data").mkdir()
    gone = kg("query", "CQ01", "--format", "csv", root=copy, workspace=place)
    assert good.stdout == bad.stdout == gone.stdout
    assert "data/links.ttl:1:" in bad.stderr
    assert "last good snapshot" in gone.stderr
