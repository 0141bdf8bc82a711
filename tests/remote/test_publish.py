"""Publishing, as far as it can be told without a store."""

from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from kg.errors import UsageError
from kg.publish import PASSWORD, USER, PublishError, compare, credentials, publish, split
from kg.query.backend import RemoteError
from kg.query.remote_terms import normal
from kg.snapshot import Snapshot

XSD = "http://www.w3.org/2001/XMLSchema#"
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
GEOMETRY = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
SKOLEM = "https://w3id.org/citypledge/.well-known/genid/"


def statement(value: str, datatype: str, number: int = 0) -> ox.Triple:
    literal = ox.Literal(value, datatype=ox.NamedNode(datatype))
    return ox.Triple(ox.NamedNode(f"urn:s{number}"), ox.NamedNode("urn:p"), literal)


def same(sent: ox.Triple, there: ox.Triple) -> tuple[str, dict[str, int]]:
    check = compare(lambda: [sent], lambda: [there])
    return check.fault, check.changes


@pytest.mark.parametrize(
    ("sent", "there", "datatype"),
    [
        ("24.0", "24", "decimal"),
        ("01", "1", "integer"),
        ("1", "true", "boolean"),
        ("P24M", "P2Y", "duration"),
        ("P24M", "24", "duration"),
        ("PT3H", "10800.0", "duration"),
    ],
)
def test_another_spelling_of_a_value_is_the_same_and_counted(
    sent: str, there: str, datatype: str
) -> None:
    found = same(statement(sent, XSD + datatype), statement(there, XSD + datatype))
    assert found == ("", {f"xsd:{datatype}: spelt otherwise": 1})


def test_an_equal_statement_is_no_change() -> None:
    assert same(statement("24.0", XSD + "decimal"), statement("24.0", XSD + "decimal")) == ("", {})


def test_losses_that_are_documented_are_let_pass_and_counted() -> None:
    point = statement("POINT(14.50513 46.05108)", WKT)
    kept = statement("POINT(14.505129814148 46.051078796387)", GEOMETRY)
    fault, changes = same(point, kept)
    assert (fault, list(changes.values())) == ("", [1])
    long = statement("0.1234567890123456789", XSD + "decimal")
    fault, changes = same(long, statement("0.123456789012346", XSD + "decimal"))
    assert (fault, list(changes.values())) == ("", [1])


@pytest.mark.parametrize(
    "there",
    [
        statement("25", XSD + "decimal"),
        statement("24", XSD + "string"),
        statement("24", XSD + "decimal", number=1),
        statement("POINT(14.6 46.05108)", GEOMETRY),
    ],
    ids=str,
)
def test_another_value_is_a_fault_that_shows_both(there: ox.Triple) -> None:
    fault, _ = same(statement("24", XSD + "decimal"), there)
    assert fault.startswith("1 missing, 1 too many: lacks <urn:s0>")
    assert f"has {there.subject}" in fault


def test_a_statement_too_few_or_too_many_is_a_fault() -> None:
    one, other = statement("1", XSD + "integer"), statement("2", XSD + "integer")
    assert "1 missing, 0 too many" in compare(lambda: [one, other], lambda: [one]).fault
    assert "0 missing, 1 too many" in compare(lambda: [one], lambda: [one, other]).fault


def test_a_duration_without_letters_is_read_as_months_or_seconds() -> None:
    duration = ox.NamedNode(XSD + "duration")
    for printed, meant in (("-6", "-P6M"), ("259200.0", "P3D"), ("P1Y2M3DT4H", "P1Y2M3DT4H")):
        found = normal(ox.Literal(printed, datatype=duration))
        assert found == ox.Literal(meant, datatype=duration)


def test_a_snapshot_is_split_into_graphs_with_iris_for_blank_nodes(tmp_path: Path) -> None:
    nquads = tmp_path / "dataset.nq"
    nquads.write_text(
        '<urn:s> <urn:p> "a <b> . \\" c"@en .\n'
        "<urn:s> <urn:p> _:c14n0 <urn:g> .\n"
        '_:c14n0 <urn:p> "1"^^<urn:d> <urn:g> .\n',
        encoding="utf-8",
    )
    files = {"": tmp_path / "0.nt", "urn:g": tmp_path / "1.nt"}
    split(nquads, files, SKOLEM)
    assert files[""].read_text(encoding="utf-8") == '<urn:s> <urn:p> "a <b> . \\" c"@en .\n'
    assert files["urn:g"].read_text(encoding="utf-8") == (
        f'<urn:s> <urn:p> <{SKOLEM}c14n0> .\n<{SKOLEM}c14n0> <urn:p> "1"^^<urn:d> .\n'
    )


@pytest.mark.parametrize(
    "line", ["<urn:s> <urn:p> <urn:o> <urn:other> .", "<urn:s> <urn:p> <<( <urn:a> <urn:b> 1 )>> ."]
)
def test_a_line_that_has_no_place_is_an_error_with_its_number(line: str, tmp_path: Path) -> None:
    nquads = tmp_path / "dataset.nq"
    nquads.write_text(f"<urn:s> <urn:p> <urn:o> .\n{line}\n", encoding="utf-8")
    with pytest.raises(PublishError, match=r"dataset\.nq:2"):
        split(nquads, {"": tmp_path / "0.nt"}, SKOLEM)


# --- Who may write


def test_a_password_in_the_address_is_refused(built: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=PASSWORD):
        publish(built, "http://me:secret@127.0.0.1:9/store", workspace=tmp_path)


def test_half_of_the_credentials_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(USER, "me")
    monkeypatch.delenv(PASSWORD, raising=False)
    with pytest.raises(UsageError, match="or neither"):
        credentials("http://127.0.0.1/")


def test_a_password_does_not_go_in_clear_to_another_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(USER, "me")
    monkeypatch.setenv(PASSWORD, "secret")
    auth = credentials("http://store.example/")
    assert auth is not None
    flow = auth.auth_flow(httpx.Request("PUT", "http://store.example/"))
    first = next(flow)
    assert "authorization" not in first.headers
    wants = httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'}, request=first)
    with pytest.raises(UsageError, match="https"):
        flow.send(wants)


def test_an_address_of_unknown_form_wants_that_of_its_endpoint_too(
    built: Snapshot, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--query-url"):
        publish(built, "http://127.0.0.1:9/rdf", workspace=tmp_path)


def test_a_store_that_does_not_answer_is_said_with_a_remedy(
    built: Snapshot, tmp_path: Path
) -> None:
    with pytest.raises(RemoteError, match="is the server running"):
        publish(built, "http://127.0.0.1:9/store", workspace=tmp_path)
