"""The build: one input, one snapshot; and nothing lost when it fails."""

import hashlib
import json
import shutil
import threading
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import snapshot
from kg.build import CheckFailedError, build, infer, is_current, rules
from kg.dataset import ROOT_MARKS
from kg.errors import BuildError, MissingFileError
from kg.namespaces import CANONICAL_BASE, GRAPH, ONT, RDF
from kg.snapshot import Snapshot

NETWORK = "https://w3id.org/citypledge/id/network/lt-green-municipalities"


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    for part in ROOT_MARKS:
        shutil.copytree(root / part, tmp_path / "dataset" / part)
    return tmp_path / "dataset"


def ask(store: ox.Store, where: str) -> bool:
    prefixes = f"PREFIX cpo: <{ONT}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    return bool(store.query(f"{prefixes} ASK {{ {where} }}"))


def test_the_same_input_gives_the_same_snapshot(
    root: Path, built: Snapshot, tmp_path: Path
) -> None:
    again = build(root, tmp_path)
    assert again.manifest == built.manifest
    assert again.nquads.read_bytes() == built.nquads.read_bytes()


def test_a_copy_of_the_dataset_elsewhere_gives_the_same_snapshot(
    copy: Path, built: Snapshot, tmp_path: Path
) -> None:
    assert build(copy, tmp_path / "w").manifest == built.manifest


def test_the_hash_is_that_of_the_sorted_lines(built: Snapshot) -> None:
    data = built.nquads.read_bytes()
    assert hashlib.sha256(data).hexdigest() == built.manifest.snapshot
    lines = data.splitlines(keepends=True)
    assert lines == sorted(set(lines))


def test_the_manifest_counts_what_the_file_holds(built: Snapshot) -> None:
    store = built.store()
    assert built.manifest.quads == len(store)
    plain = list(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    assert built.manifest.triples == len(plain)
    for graph, number in built.manifest.graphs.items():
        assert number == len(list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph))))
    kind = ox.NamedNode(RDF + "type")
    for name, number in built.manifest.classes.items():
        instances = store.quads_for_pattern(None, kind, ox.NamedNode(name), ox.DefaultGraph())
        assert number == len(list(instances))


def test_the_manifest_names_every_file_that_was_read(root: Path, built: Snapshot) -> None:
    for name, digest in built.manifest.inputs.items():
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == digest
    folders = {name.split("/")[0] for name in built.manifest.inputs}
    assert folders == {"ontology", "shapes", "data", "queries"}


def test_a_rejected_statement_is_in_its_graph_and_not_in_the_accepted_view(
    snapshot_store: ox.Store,
) -> None:
    said = f'<{NETWORK}> cpo:startDate "2023-05-08"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert not ask(snapshot_store, said)
    assert ask(snapshot_store, f"GRAPH <{GRAPH}source/h2lt-2023> {{ {said} }}")


def test_identity_links_are_in_their_own_graph_only(snapshot_store: ox.Store) -> None:
    link = "?city <http://www.w3.org/2002/07/owl#sameAs> ?other"
    assert ask(snapshot_store, f"GRAPH <{GRAPH}links> {{ {link} }}")
    assert not ask(snapshot_store, f"?city a cpo:City . {link}")


def test_no_statement_is_in_the_default_graph_twice(snapshot_store: ox.Store) -> None:
    rows = snapshot_store.query("SELECT ?s ?p ?o WHERE { ?s ?p ?o }")
    found = [tuple(map(str, row)) for row in rows]
    assert len(found) == len(set(found))


def test_each_inferred_statement_is_marked_and_was_not_stated(snapshot_store: ox.Store) -> None:
    marked = list(
        snapshot_store.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH + "inferred"))
    )
    assert marked
    for quad in marked:
        graphs = {
            str(q.graph_name)
            for q in snapshot_store.quads_for_pattern(quad.subject, quad.predicate, quad.object)
        }
        stated = {g for g in graphs if "source/" in g or "registry" in g}
        rejected = not stated or quad.predicate.value == ONT + "memberCountry"
        assert rejected, quad


@pytest.mark.parametrize(
    ("given", "expected"),
    # Worked by hand; 2000 and 2024 are leap years, 1900 and 2023 are not.
    [
        ('cpo:date "2023"^^xsd:gYear', ("2023-01-01", "2023-12-31")),
        ('cpo:date "2023-02"^^xsd:gYearMonth', ("2023-02-01", "2023-02-28")),
        ('cpo:date "2024-02"^^xsd:gYearMonth', ("2024-02-01", "2024-02-29")),
        ('cpo:date "1900-02"^^xsd:gYearMonth', ("1900-02-01", "1900-02-28")),
        ('cpo:date "2000-02"^^xsd:gYearMonth', ("2000-02-01", "2000-02-29")),
        ('cpo:date "2023-11"^^xsd:gYearMonth', ("2023-11-01", "2023-11-30")),
        ('cpo:date "2023-07-04"^^xsd:date', ("2023-07-04", "2023-07-04")),
        ('cpo:startDate "2021-03-09"^^xsd:date', ("2021-03-09", None)),
        ('cpo:endDate "2022"^^xsd:gYear', (None, "2022-12-31")),
        ('cpo:date "2022"^^xsd:gYear ; cpo:dateQualifier v:before', (None, "2022-12-31")),
        ('cpo:date "2022"^^xsd:gYear ; cpo:dateQualifier v:after', ("2022-01-01", None)),
        ('cpo:date "--11-09"^^xsd:gMonthDay', (None, None)),
    ],
)
def test_earliest_and_latest_day_follow_from_a_date_of_any_precision(
    root: Path, given: str, expected: tuple[str | None, str | None]
) -> None:
    found = inferred(root, f"<http://e/x> {given} .")
    days = {
        triple.predicate.value.removeprefix(ONT): triple.object.value  # type: ignore[union-attr]
        for triple in found
    }
    assert (days.get("earliestDay"), days.get("latestDay")) == expected


def inferred(root: Path, text: str) -> set[ox.Triple]:
    prefixes = (
        f"@prefix cpo: <{ONT}> . @prefix v: <{CANONICAL_BASE}voc/> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <http://e/> . "
    )
    quads = ox.parse(prefixes + text, format=ox.RdfFormat.TURTLE)
    return infer([quad.triple for quad in quads], rules(root))  # type: ignore[return-value, misc]


def said(found: set[ox.Triple], name: str) -> set[tuple[str, str]]:
    return {
        (t.subject.value, t.object.value)  # type: ignore[union-attr]
        for t in found
        if t.predicate.value == ONT + name
    }


MEMBERS = """
:n a cpo:Network ; cpo:underEdition :e . :e a cpo:ProgrammeEdition ; cpo:editionOf :p .
:p a cpo:Programme .
:m a cpo:Municipality ; cpo:governs :c ; cpo:country :k .
:one a cpo:Participation ; cpo:participant :m ; cpo:participationIn :n ; cpo:role v:role-lead .
"""


def test_members_lead_and_programme_follow_from_a_participation(root: Path) -> None:
    found = inferred(root, MEMBERS)
    assert said(found, "memberCity") == {("http://e/n", "http://e/c")}
    assert said(found, "memberCountry") == {("http://e/n", "http://e/k")}
    assert said(found, "leadPartner") == {("http://e/n", "http://e/m")}
    assert said(found, "underProgramme") == {("http://e/n", "http://e/p")}


def test_an_invitation_makes_no_member(root: Path) -> None:
    found = inferred(root, MEMBERS + ":one cpo:participationStatus v:participation-invited .")
    assert said(found, "memberCity") == set()


def test_a_lead_that_was_handed_over_is_lead_no_more(root: Path) -> None:
    later = """
    :one cpo:endDate "2020-05-31"^^xsd:date .
    :two a cpo:Participation ; cpo:participant :other ; cpo:participationIn :n ;
      cpo:role v:role-lead ; cpo:startDate "2020-06-01"^^xsd:date .
    """
    assert said(inferred(root, MEMBERS + later), "leadPartner") == {
        ("http://e/n", "http://e/other")
    }


def test_a_build_that_fails_leaves_the_last_snapshot_current(copy: Path, tmp_path: Path) -> None:
    good = build(copy, tmp_path / "w")
    (copy / "data" / "links.ttl").write_text("nonsense", encoding="utf-8")
    with pytest.raises(CheckFailedError) as caught:
        build(copy, tmp_path / "w")
    assert [finding.code for finding in caught.value.findings] == ["SYN16"]
    assert snapshot.current(tmp_path / "w") == good
    assert not is_current(copy, good)


def test_a_build_leaves_nothing_half_written(copy: Path, tmp_path: Path) -> None:
    build(copy, tmp_path / "w")
    names = sorted(path.name for path in (tmp_path / "w").rglob("*") if path.is_file())
    assert names == ["current", "dataset.nq", "manifest.json"]


def test_a_file_that_is_changed_during_a_build_stops_it(copy: Path, tmp_path: Path) -> None:
    path = copy / "data" / "links.ttl"

    def change(step: str) -> None:
        if step == "inferring":
            path.write_text(path.read_text(encoding="utf-8") + "# later\n", encoding="utf-8")

    with pytest.raises(BuildError, match="changed while the build"):
        build(copy, tmp_path / "w", progress=change)
    assert snapshot.current(tmp_path / "w") is None


def test_builds_of_one_content_at_once_do_not_disturb_each_other(
    built: Snapshot, tmp_path: Path
) -> None:
    lines = snapshot.canonical(list(built.store())[:200])
    made: list[str] = []

    def seal() -> None:
        for _ in range(20):
            found = snapshot.seal(
                tmp_path, lines, version="1", software="1", base="http://e/", inputs={}
            )
            now = snapshot.current(tmp_path)
            assert now is not None
            made.append(now.manifest.snapshot if now == found else "another")

    threads = [threading.Thread(target=seal) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 60
    assert len(set(made)) == 1
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [made[0]]


def test_a_change_in_a_shape_or_a_rule_makes_a_snapshot_old(copy: Path, tmp_path: Path) -> None:
    found = build(copy, tmp_path / "w")
    assert is_current(copy, found)
    path = copy / "queries" / "rules" / "member-city.rq"
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert not is_current(copy, found)


def test_a_build_under_another_base_names_everything_under_it(root: Path, tmp_path: Path) -> None:
    base = "https://example.org/cities/"
    found = build(root, tmp_path, base=base)
    assert CANONICAL_BASE.encode() not in b"\n".join(
        line for line in found.nquads.read_bytes().splitlines() if b'"' not in line
    )
    assert f'uriSpace> "{base}id/"'.encode() in found.nquads.read_bytes()
    store = found.store()
    assert bool(store.query(f"ASK {{ <{base}id/city/lt-klaipeda> a <{base}ont#City> }}"))


def test_a_rule_that_is_no_construct_is_refused_by_name(copy: Path, tmp_path: Path) -> None:
    (copy / "queries" / "rules" / "odd.rq").write_text("ASK { ?s ?p ?o }", encoding="utf-8")
    with pytest.raises(BuildError, match=r"queries/rules/odd\.rq"):
        build(copy, tmp_path / "w")


def test_a_build_without_rules_is_refused(copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(copy / "queries" / "rules")
    with pytest.raises(MissingFileError, match="queries/rules"):
        build(copy, tmp_path / "w")


def test_a_workspace_that_cannot_be_written_is_named(root: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(BuildError, match="cannot be written"):
        build(root, blocked)


def test_a_snapshot_that_was_tampered_with_is_refused(copy: Path, tmp_path: Path) -> None:
    found = build(copy, tmp_path / "w")
    found.nquads.write_bytes(
        found.nquads.read_bytes() + b"<http://e/s> <http://e/p> <http://e/o> .\n"
    )
    with pytest.raises(BuildError, match="not the file that was sealed"):
        snapshot.current(tmp_path / "w")


def test_a_manifest_of_another_format_asks_for_a_new_build(copy: Path, tmp_path: Path) -> None:
    found = build(copy, tmp_path / "w")
    path = found.folder / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "format": 99}), encoding="utf-8")
    with pytest.raises(BuildError, match="kg build"):
        snapshot.current(tmp_path / "w")


def test_no_snapshot_yet_is_no_error(tmp_path: Path) -> None:
    assert snapshot.current(tmp_path) is None
