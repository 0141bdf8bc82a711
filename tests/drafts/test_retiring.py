"""The command `kg retire`, and `kg new` where an IRI is retired."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import cli
from kg.check import run as checks
from kg.errors import UnknownNameError, UsageError

MERGED = ("city:lt-memel", "--reason", "merged", "--successor", "city:lt-klaipeda")
DAY = ("--date", "2026-01-31")
ENTRY = """\
# What is no longer described: since when, why, and what took its place.
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

city:lt-memel
    a cpo:RetiredThing ;
    cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-merged ;
    dcterms:isReplacedBy city:lt-klaipeda .
"""
MEMEL = "city:lt-memel\n    a cpo:City ;\n    cpo:country cc:LTU .\n"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.kg, ["retire", "--root", str(root), *arguments])


def new(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.kg, ["new", "--root", str(root), *arguments])


def added(root: Path, name: str, text: str) -> Path:
    path = root / "data" / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return path


def texts(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*.ttl"))}


def test_what_is_described_and_used_no_more_gets_an_entry(copy: Path) -> None:
    done = run(copy, *MERGED, *DAY)

    assert (done.exit_code, done.output) == (0, "city:lt-memel  data/retired.ttl:8\n")
    assert (copy / "data/retired.ttl").read_text(encoding="utf-8") == ENTRY
    assert checks.check_dataset(copy).findings == []


def test_a_second_entry_goes_among_the_others(copy: Path) -> None:
    run(copy, *MERGED, *DAY)
    arguments = ("city:lt-abroad", "--reason", "mistaken", "--note", "No source names it.@en")
    done = run(copy, *arguments, *DAY)

    assert (done.exit_code, done.output) == (0, "city:lt-abroad  data/retired.ttl:9\n")
    written = (copy / "data/retired.ttl").read_text(encoding="utf-8")
    assert '    skos:changeNote "No source names it."@en .\n\ncity:lt-memel\n' in written
    assert checks.check_dataset(copy).findings == []


def test_what_is_still_used_is_not_retired_and_its_places_are_listed(copy: Path) -> None:
    before = texts(copy)
    done = run(copy, "city:lt-klaipeda", "--reason", "mistaken")

    assert done.exit_code == 1
    assert "data/registry/city/lt.ttl:7:1: is described here\n" in done.output
    assert (
        "data/registry/municipality/lt.ttl:12:17: is cpo:governs of mun:lt-klaipeda-city\n"
    ) in done.output
    assert "data/links.ttl:16:1: " in done.output
    assert texts(copy) == before


def test_the_successor_is_written_wherever_the_old_iri_stands(copy: Path) -> None:
    registry = added(copy, "registry/city/lt.ttl", f"\n{MEMEL}")
    source = added(copy, "sources/s001.ttl", "\nnet:urbact-rurban cpo:memberCity city:lt-memel .\n")
    shown = run(copy, *MERGED, *DAY, "--replace", "--diff")
    assert shown.exit_code == 0
    assert "+net:urbact-rurban cpo:memberCity city:lt-klaipeda .\n" in shown.output
    assert "-city:lt-memel\n" in shown.output
    assert not (copy / "data/retired.ttl").exists()

    done = run(copy, *MERGED, *DAY, "--replace")

    assert done.output == "city:lt-memel  data/retired.ttl:8\n"
    assert "cpo:memberCity city:lt-klaipeda ." in source.read_text(encoding="utf-8")
    assert (copy / "data/retired.ttl").read_text(encoding="utf-8") == ENTRY
    described = registry.read_text(encoding="utf-8")
    assert "memel" not in described
    assert described.count("city:lt-klaipeda\n") == 1  # it said nothing that was not said already


def test_what_a_description_says_more_moves_to_the_successor(copy: Path) -> None:
    more = MEMEL.replace(" .", ' ;\n    skos:altLabel "Memel"@de .')
    registry = added(copy, "registry/city/lt.ttl", f"\n{more}")
    done = run(copy, *MERGED, "--replace")

    assert done.exit_code == 0
    assert registry.read_text(encoding="utf-8").endswith(
        "city:lt-klaipeda\n    a cpo:City ;\n    cpo:country cc:LTU ;\n"
        '    skos:altLabel "Memel"@de .\n'
    )


def test_a_replacement_that_breaks_a_rule_is_refused_with_it(copy: Path) -> None:
    added(
        copy, "registry/city/lt.ttl", "\n" + MEMEL.replace(" .", ' ;\n    skos:prefLabel "M"@en .')
    )
    before = texts(copy)
    done = run(copy, *MERGED, "--replace", "--language", "en")

    assert done.exit_code == 1
    assert "LBL03" in done.output
    assert "city:lt-memel" in done.output
    assert texts(copy) == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("city:lt-memel", "--reason", "merged"), "RET06"),
        (("city:lt-memel", "--reason", "split", "--successor", "city:lt-vilnius"), "RET06"),
        (("person:p-9999", "--reason", "on-request", "--note", "Asked by letter.@en"), "RET06"),
        (("city:lt-memel", "--reason", "mistaken", "--note", "Ring +370 600 00000.@en"), "PRV03"),
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused_with_it(
    copy: Path, arguments: tuple[str, ...], code: str
) -> None:
    done = run(copy, *arguments)

    assert (done.exit_code, code in done.output) == (1, True)
    assert not (copy / "data/retired.ttl").exists()


def test_an_iri_is_retired_once(copy: Path) -> None:
    run(copy, *MERGED, *DAY)
    done = run(copy, *MERGED)

    assert done.exit_code == 1
    assert "retired already since 2026-01-31" in done.output
    assert (copy / "data/retired.ttl").read_text(encoding="utf-8") == ENTRY


def test_what_had_led_to_the_retired_thing_leads_to_its_successor(copy: Path) -> None:
    added(copy, "registry/city/lt.ttl", f"\n{MEMEL}")
    first = run(
        copy, "city:lt-memelburg", "--reason", "renamed", "--successor", "city:lt-memel", *DAY
    )
    assert first.exit_code == 0
    done = run(copy, *MERGED, *DAY, "--replace")

    assert done.exit_code == 0
    written = (copy / "data/retired.ttl").read_text(encoding="utf-8")
    assert written.count("dcterms:isReplacedBy city:lt-klaipeda .") == 2
    assert checks.check_dataset(copy).findings == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("cpo:City", "--reason", "mistaken"), "owl:deprecated"),
        (("https://example.org/x", "--reason", "mistaken"), "only an entity or a concept"),
        ((*MERGED[:3], "--successor", "city:lt-memel"), "its own place"),
        ((*MERGED[:3], "--replace"), "one --successor"),
        ((*MERGED, "--note", "no language"), "@en"),
    ],
)
def test_a_call_that_cannot_be_worked_with_says_why(
    root: Path, arguments: tuple[str, ...], reason: str
) -> None:
    done = run(root, *arguments)

    assert isinstance(done.exception, UsageError)
    assert reason in str(done.exception)


def test_a_successor_has_to_be_there(root: Path) -> None:
    done = run(root, *MERGED[:3], "--successor", "city:lt-nowhere")

    assert isinstance(done.exception, UnknownNameError)
    assert "city:lt-nowhere" in str(done.exception)


def test_a_successor_that_is_retired_names_its_own(copy: Path) -> None:
    run(copy, *MERGED, *DAY)
    done = run(copy, "city:lt-m", "--reason", "merged", "--successor", "city:lt-memel")

    assert isinstance(done.exception, UsageError)
    assert "give city:lt-klaipeda" in str(done.exception)


def test_a_retired_iri_is_given_to_nothing_else(copy: Path) -> None:
    run(copy, *MERGED, *DAY)
    city = ("city", "Memel", "--language", "en", "--country", "LTU")
    done = new(copy, *city, "--anyway")

    assert done.exit_code == 1
    assert "city:lt-memel is retired" in done.output
    assert new(copy, *city, "--anyway", "--id", "lt-memel-2").exit_code == 0


def test_the_number_of_a_retired_person_is_not_given_again(copy: Path) -> None:
    done = run(copy, "person:p-8000", "--reason", "on-request", *DAY)
    assert done.exit_code == 0
    made = new(
        copy, "person", "Ada Example", "--language", "en", "--role", "v:role-mayor", "--in",
        "mun:lt-vilnius-city", "--source", "s003", "--set", "cpo:publicationBasis=v:basis-elected",
        "--dry-run",
    )  # fmt: skip

    assert "person:p-8001" in made.output


def test_a_new_thing_does_not_point_to_a_retired_one(copy: Path) -> None:
    run(copy, *MERGED, *DAY)
    done = new(
        copy, "municipality", "Memel", "--language", "en", "--country", "LTU", "--of",
        "city:lt-memel",
    )  # fmt: skip

    assert isinstance(done.exception, UsageError)
    assert "city:lt-memel is retired; give city:lt-klaipeda" in str(done.exception)
