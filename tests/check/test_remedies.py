"""Remedies: what each fix writes, and how sure it is."""

from pathlib import Path

import pytest

from kg.check import run
from kg.check.nearest import Known, closest
from kg.dataset import SourceFile
from kg.findings import Finding
from kg.mending import edited

PREFIXES = {
    "cc": "http://publications.europa.eu/resource/authority/country/",
    "city": "https://w3id.org/citypledge/id/city/",
    "cpo": "https://w3id.org/citypledge/ont#",
    "dcterms": "http://purl.org/dc/terms/",
    "event": "https://w3id.org/citypledge/id/event/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "mun": "https://w3id.org/citypledge/id/municipality/",
    "nuts": "http://data.europa.eu/nuts/code/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": "https://w3id.org/citypledge/id/source/",
    "v": "https://w3id.org/citypledge/voc/",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
CITY = 'city:lt-x\n    a cpo:City ;\n    skos:prefLabel "Iksas"@lt ;\n'
EVENT = 'event:x\n    a cpo:Event ;\n    skos:prefLabel "Event"@en ;\n'


@pytest.fixture(scope="module")
def ground(root: Path) -> run.Ground:
    return run.ground_of(root)


def with_head(body: str, without: str = "") -> str:
    """Return a text with the declarations of the prefixes that it has in it."""
    used = [p for p in PREFIXES if f"{p}:" in body and p != without]
    head = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in used)
    return f"{head}\n{body}\n"


def found(text: str, ground: run.Ground, code: str) -> Finding:
    """Return the one finding of a text, which is of a rule; unused prefixes do not count."""
    findings = run.check_draft(text, "x.ttl", ground).findings
    (finding,) = [each for each in findings if each.code != "NMS02"]
    assert finding.code == code
    return finding


NARROW = "\u202f"
LABEL = 'event:x\n    a cpo:Event ;\n    skos:prefLabel "{}"@en .'
HASH = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"
DOCUMENT = (
    "source:s900\n    a cpo:SourceDocument ;\n"
    "    dcterms:language <http://publications.europa.eu/resource/authority/language/LIT> ;\n"
    '    cpo:textHash "{}" ;\n    cpo:textLength 100 .'
)
PERSON = (
    "<https://w3id.org/citypledge/id/organisation/lt-x>\n"
    "    a <http://www.w3.org/ns/org#Organization> ;\n"
    '    skos:prefLabel "Office"@en ;\n    cpo:country cc:LTU{}'
)


@pytest.mark.parametrize(
    ("code", "before", "after", "is_safe"),
    [
        ("LBL04", LABEL.format("A\u00a0day"), LABEL.format("A day"), True),
        ("LBL04", LABEL.format(" A day "), LABEL.format("A day"), True),
        ("LBL04", LABEL.format("A \u00a0day"), LABEL.format("A day"), True),
        ("LBL04", LABEL.format("A\\tday\\n"), LABEL.format("A day"), True),
        ("LBL04", LABEL.format("A\u00adday"), LABEL.format("Aday"), True),
        ("LBL04", LABEL.format("A\u200bday"), LABEL.format("Aday"), False),
        ("LBL04", LABEL.format(f'A{NARROW}\\"day\\"'), LABEL.format('A \\"day\\"'), True),
        ("LBL02", CITY.replace("@lt", "@lit") + "    cpo:country cc:LTU .", None, False),
        (
            "LBL03",
            CITY.replace('"@lt', '"@lt , "Kitas"@lt') + "    cpo:country cc:LTU .",
            CITY + '    skos:altLabel "Kitas"@lt ;\n    cpo:country cc:LTU .',
            False,
        ),
        (
            "LBL03",
            CITY.replace('"@lt', '"@lt , "Kitas"@lt , "X"@en') + "    cpo:country cc:LTU .",
            CITY.replace('"@lt', '"@lt , "X"@en')
            + '    skos:altLabel "Kitas"@lt ;\n    cpo:country cc:LTU .',
            False,
        ),
        (
            "LBL03",
            CITY + '    skos:prefLabel "Kitas"@lt ;\n    cpo:country cc:LTU .',
            CITY + '    skos:altLabel "Kitas"@lt ;\n    cpo:country cc:LTU .',
            False,
        ),
        (
            "LBL05",
            CITY + '    skos:altLabel "Iksas"@lt , "Kitas"@lt ;\n    cpo:country cc:LTU .',
            CITY + '    skos:altLabel "Kitas"@lt ;\n    cpo:country cc:LTU .',
            True,
        ),
        ("PLC02", CITY + '    cpo:country "Lietuva" .', CITY + "    cpo:country cc:LTU .", False),
        ("PLC02", CITY + '    cpo:country "LT" .', CITY + "    cpo:country cc:LTU .", False),
        ("PLC02", CITY + "    cpo:country cc:ltu .", CITY + "    cpo:country cc:LTU .", True),
        (
            "PLC03",
            CITY + "    cpo:country cc:LTU ;\n    cpo:nutsRegion nuts:lt023 .",
            CITY + "    cpo:country cc:LTU ;\n    cpo:nutsRegion nuts:LT023 .",
            True,
        ),
        (
            "PLC04",
            CITY
            + '    cpo:country cc:LTU ;\n    wgs:lat "55,71"^^xsd:decimal ;\n    wgs:long 21.1 .',
            CITY + "    cpo:country cc:LTU ;\n    wgs:lat 55.71 ;\n    wgs:long 21.1 .",
            True,
        ),
        (
            "PLC05",
            CITY + "    cpo:country cc:LTU ;\n    wgs:lat 55.7 ;\n    wgs:long 21 .",
            CITY + "    cpo:country cc:LTU ;\n    wgs:lat 55.7 ;\n    wgs:long 21.0 .",
            True,
        ),
        (
            "PLC07",
            CITY + "    cpo:country cc:LTU ;\n    wgs:lat 21.1 ;\n    wgs:long 55.7 .",
            CITY + "    cpo:country cc:LTU ;\n    wgs:lat 55.7 ;\n    wgs:long 21.1 .",
            False,
        ),
        (
            "TIM03",
            EVENT + '    cpo:date "2023-5-8"^^xsd:date .',
            EVENT + '    cpo:date "2023-05-08"^^xsd:date .',
            True,
        ),
        (
            "TIM03",
            EVENT + '    cpo:date "2023.05.08"^^xsd:date .',
            EVENT + '    cpo:date "2023-05-08"^^xsd:date .',
            True,
        ),
        (
            "TIM03",
            EVENT + '    cpo:date "25. 12. 2022"^^xsd:date .',
            EVENT + '    cpo:date "2022-12-25"^^xsd:date .',
            False,
        ),
        (
            "TIM03",
            EVENT + '    cpo:date "2023-05"^^xsd:date .',
            EVENT + '    cpo:date "2023-05"^^xsd:gYearMonth .',
            True,
        ),
        ("SRC01", DOCUMENT.format(HASH), DOCUMENT.format(HASH.lower()), True),
        (
            "PRV04",
            PERSON.format(" ;\n    foaf:phone <tel:0> ."),
            PERSON.format(" ."),
            False,
        ),
        (
            "VOC01",
            CITY + "    cpo:contry cc:LTU ;\n    cpo:country cc:LTU .",
            CITY + "    cpo:country cc:LTU ;\n    cpo:country cc:LTU .",
            False,
        ),
        (
            "NSP01",
            CITY + "    cpo:country cc:LTU ;\n    <https://schema.org/population> 1 .",
            CITY + "    cpo:country cc:LTU ;\n    schema:population 1 .",
            True,
        ),
        (
            "TXT05",
            CITY.replace("Iksas", "Iks\u0430s") + "    cpo:country cc:LTU .",
            CITY + "    cpo:country cc:LTU .",
            False,
        ),
    ],
)
def test_a_fix_writes_what_is_right(
    ground: run.Ground, code: str, before: str, after: str | None, is_safe: bool
) -> None:
    after = CITY + "    cpo:country cc:LTU ." if after is None else after
    text = with_head(before)
    (fix,) = found(text, ground, code).fixes
    assert fix.is_safe == is_safe
    assert edited(text, fix.edits).partition("\n\n")[2] == after + "\n"


@pytest.mark.parametrize(
    "body",
    [
        CITY + "    cpo:country cc:XQZ .",
        EVENT + '    cpo:date "2021-02-30"^^xsd:date .',
        EVENT + '    cpo:date "30.02.2021"^^xsd:date .',
        EVENT + '    cpo:date "spring"@en .',
        DOCUMENT.format("9F86"),
        LABEL.format("\u00a0"),
    ],
)
def test_what_cannot_be_worked_out_has_no_fix(ground: run.Ground, body: str) -> None:
    (finding,) = [
        f for f in run.check_draft(with_head(body), "x.ttl", ground).findings if f.code != "NMS02"
    ]
    assert finding.fixes == ()


def test_a_blank_node_is_no_stumbling_block(ground: run.Ground) -> None:
    text = with_head(
        '[] a cpo:City ; skos:prefLabel "X"@lt ; skos:altLabel "X"@lt ; cpo:country cc:LTU ;\n'
        "    wgs:lat 21.1 ; wgs:long 55.7 ; foaf:phone <tel:0> ."
    )
    codes = {each.code for each in run.check_draft(text, "x.ttl", ground).findings}
    assert "LBL05" in codes


def test_a_date_in_local_order_has_both_readings_and_neither_is_safe(ground: run.Ground) -> None:
    text = with_head(EVENT + '    cpo:date "05.08.2023"^^xsd:date .')
    fixes = found(text, ground, "TIM03").fixes
    assert [fix.edits[0].text for fix in fixes] == [
        '"2023-08-05"^^xsd:date',
        '"2023-05-08"^^xsd:date',
    ]
    assert not any(fix.is_safe for fix in fixes)


def test_a_prefix_that_a_fix_needs_is_declared_in_its_place(ground: run.Ground) -> None:
    text = with_head(CITY + '    cpo:country "Lithuania" .')
    (fix,) = found(text, ground, "PLC02").fixes
    head = edited(text, fix.edits).splitlines()[:3]
    assert [line.split()[1] for line in head] == ["cc:", "city:", "cpo:"]


def test_the_prefixes_of_the_file_are_used(ground: run.Ground) -> None:
    text = with_head(CITY + '    cpo:country "Lithuania" .').replace(
        "@prefix city", f"@prefix land: <{PREFIXES['cc']}> .\n@prefix city"
    )
    (fix,) = found(text, ground, "PLC02").fixes
    assert [edit.text for edit in fix.edits] == ["land:LTU"]


def test_contact_data_is_not_repeated_by_its_fix(ground: run.Ground) -> None:
    text = with_head(PERSON.format(" ;\n    foaf:phone <tel:0> ."))
    (fix,) = found(text, ground, "PRV04").fixes
    assert all("tel" not in edit.text for edit in fix.edits)
    assert all("tel" not in words for words in (fix.title.en, fix.title.lt, fix.title.sl))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("city:lt-klaipedo", "city:lt-klaipeda “Klaipėda”"),
        ("city:lt-klajpeda", "city:lt-klaipeda “Klaipėda”"),
    ],
)
def test_a_dangling_reference_is_compared_with_names_and_labels(
    ground: run.Ground, written: str, meant: str
) -> None:
    text = with_head(
        'mun:lt-x\n    a cpo:Municipality ;\n    skos:prefLabel "X"@en ;\n'
        f"    cpo:country cc:LTU ;\n    cpo:governs {written} ."
    )
    finding = found(text, ground, "REF01")
    assert finding.help.en == f"did you mean {meant}?"
    assert finding.help.lt
    assert finding.help.sl
    (fix,) = finding.fixes
    assert [edit.text for edit in fix.edits] == ["city:lt-klaipeda"]


def test_a_reference_to_a_withdrawn_thing_names_its_successor(ground: run.Ground) -> None:
    text = with_head(
        CITY + "    cpo:country cc:LTU .\n\n"
        'city:lt-y\n    a cpo:City ;\n    skos:prefLabel "Y"@lt ;\n    cpo:country cc:LTU ;\n'
        "    owl:deprecated true ;\n    dcterms:isReplacedBy city:lt-x .\n\n"
        'mun:lt-x\n    a cpo:Municipality ;\n    skos:prefLabel "M"@en ;\n'
        "    cpo:country cc:LTU ;\n    cpo:governs city:lt-y ."
    )
    (fix,) = found(text, ground, "REF02").fixes
    assert edited(text, fix.edits).endswith("cpo:governs city:lt-x .\n")
    assert not fix.is_safe


def test_a_number_is_never_taken_for_another() -> None:
    assert closest("c-0012", ["c-0013", "c-0112"]) is None
    assert closest("pa-0012", ["ra-0012"]) == "ra-0012"


def test_what_is_far_away_is_not_meant() -> None:
    known = Known((SourceFile("x.ttl", Path("x.ttl"), "g", with_head(CITY + "    a cpo:X .")),))
    assert known.nearest("https://w3id.org/citypledge/id/city/lt-vilnius") is None
    assert known.nearest("https://w3id.org/citypledge/id/city/lt-iksas") == (
        "https://w3id.org/citypledge/id/city/lt-x"
    )
