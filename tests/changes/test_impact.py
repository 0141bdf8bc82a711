"""What a change does: pages, totals, answers and findings, worked out by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.changes import Impact, compare, impact, sides
from kg.changes.naming import Names
from kg.changes.text import as_text
from kg.namespaces import shorten

Git = Callable[..., str]

CITIES = "data/registry/city/lt.ttl"


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def seen(dataset: Path) -> Path:
    """The dataset after a signature was struck out and a city got a wrong date of a network."""
    edit(
        dataset,
        "data/sources/s003.ttl",
        "signature:sg-0003\n    a cpo:Signature ;\n    cpo:signs pledge:si-mission-2022 ;\n"
        "    cpo:atEvent event:si-mission-signing ;\n    cpo:signatory mun:si-kranj ;\n"
        "    cpo:signedByPerson person:p-0008 .\n\n",
        "",
    )
    edit(
        dataset,
        "data/sources/gorenjski-glas-2022.ttl",
        'signature:sg-0003\n    cpo:date "2022-11-09"^^xsd:date .\n\n',
        "",
    )
    return dataset


def effect(root: Path) -> tuple[Impact, str]:
    found = compare(*sides(root))
    told = impact(found)
    return told, as_text(found, Names(found), told)


def test_a_signature_less_changes_its_pages_total_answers_and_findings(seen: Path) -> None:
    told, shown = effect(seen)
    pages = {shorten(page.value) for page in told.pages}
    assert {
        "signature:sg-0003",
        "pledge:si-mission-2022",
        "mun:si-kranj",
        "person:p-0008",
        "event:si-mission-signing",
    } <= pages
    assert "city:lt-vilnius" not in pages
    assert [tuple(total) for total in told.disagree] == [
        ("pledge:si-mission-2022", "number of signatories", "3", "2")
    ]
    assert "  pledge:si-mission-2022, number of signatories: 3 stated, 2 listed\n" in shown
    answers = {answer.name: answer for answer in told.answers}
    assert len(answers["pledge-signers"].removed) == 1
    assert answers["pledge-signers"].added == ()
    assert "networks-by-kind" not in answers
    # Its claims still point at it.
    assert ("REF01", "data/sources/gorenjski-glas-2022.claims.ttl") in {
        (finding.code, finding.path) for finding in told.appeared
    }


def test_what_was_taken_back_is_mended_and_agrees_again(seen: Path, git: Git) -> None:
    git("commit", "--quiet", "--all", "--message", "struck out")
    git("revert", "--no-commit", "HEAD")
    told, shown = effect(seen)
    assert [tuple(total) for total in told.agree] == [
        ("pledge:si-mission-2022", "number of signatories", "3", "3")
    ]
    assert told.disagree == () and told.appeared == ()
    assert "REF01" in {finding.code for finding in told.mended}
    assert "Totals that agree now:" in shown


def test_a_label_changes_the_pages_that_show_it_and_no_finding(dataset: Path) -> None:
    edit(dataset, CITIES, '"Vilnius"@en', '"Vilnius city"@en')
    told, _ = effect(dataset)
    pages = {shorten(page.value) for page in told.pages}
    assert {"city:lt-vilnius", "mun:lt-vilnius-city"} <= pages
    assert told.appeared == told.mended == ()
    assert "cities-on-map" in {answer.name for answer in told.answers}


def test_a_ruling_changes_what_is_accepted_and_so_the_page(dataset: Path) -> None:
    edit(
        dataset,
        "data/decisions.ttl",
        "    cpo:rejectedValue\n        cc:ESP ,\n        cc:ITA ;",
        "    cpo:rejectedValue cc:ESP ;",
    )
    told, _ = effect(dataset)
    assert "net:urbact-rurban" in {shorten(page.value) for page in told.pages}
    assert "rulings" in {answer.name for answer in told.answers}


def test_with_a_broken_file_only_findings_are_told(dataset: Path) -> None:
    edit(dataset, CITIES, "city:lt-vilnius\n    a cpo:City ;", "city:lt-vilnius\n    a cpo:City")
    told, shown = effect(dataset)
    assert told.unknown == f"{CITIES} cannot be read"
    assert CITIES in {finding.path for finding in told.appeared}
    assert "Pages, totals and answers cannot be told" in shown


def test_a_question_that_is_no_longer_well_formed_is_said(dataset: Path) -> None:
    edit(dataset, "queries/questions/mayors.rq", "WHERE {", "WHERE {{{")
    told, _ = effect(dataset)
    assert [(answer.name, bool(answer.fault)) for answer in told.answers] == [("mayors", True)]
