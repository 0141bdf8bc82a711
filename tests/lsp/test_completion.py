"""What an editor is offered at a place, on a copy of the dataset."""

from pathlib import Path
from typing import Any

import pytest

BODIES = "data/registry/municipality/lt.ttl"
HEAD = """\
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .

"""


@pytest.fixture
def offered(editor: Any) -> Any:
    """Returns what is offered at the mark ‸ of a text, best first."""

    def offer(text: str, uri: str = "untitled:draft") -> list[dict[str, Any]]:
        offset = text.index("‸")
        editor.open(uri, text.replace("‸", ""))
        asked = {"textDocument": {"uri": uri}, "position": editor.position(text, offset)}
        answer = editor.ask("textDocument/completion", asked)
        items = answer["items"]
        assert items == sorted(items, key=lambda item: item["sortText"])
        return items

    return offer


def texts(items: list[dict[str, Any]]) -> list[str]:
    return [item["textEdit"]["newText"] for item in items]


def test_an_entity_is_offered_by_its_label(offered: Any, editor: Any) -> None:
    items = offered(HEAD + "mun:xx a cpo:Municipality ;\n    cpo:governs Klaip‸ .\n")
    first = items[0]
    assert first["textEdit"]["newText"] == "city:lt-klaipeda"
    assert first["labelDetails"]["description"] == "Klaipėda"
    assert editor.within(editor.texts["untitled:draft"], first["textEdit"]["range"]) == "Klaip"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("klaipeda", "city:lt-klaipeda"),  # Klaipėda
        ("Klajp", "city:lt-klaipeda"),  # Klajpeda, in Slovenian
        ("seaport", "organisation:lt-klaipeda-seaport"),  # Klaipėda State Seaport Authority
        ("tinkl", "net:lt-green-municipalities"),  # Žaliųjų savivaldybių nacionalinis tinklas
    ],
)
def test_a_label_is_found_in_any_language_without_marks_and_by_any_word(
    offered: Any, typed: str, wanted: str
) -> None:
    assert wanted in texts(offered(f"{HEAD}mun:xx cpo:involves {typed}‸\n"))


def test_what_is_typed_is_what_the_client_filters_by(offered: Any) -> None:
    (*_, last) = offered(f"{HEAD}mun:xx cpo:governs klaipe‸\n")
    assert last["filterText"] == "klaipe"


def test_a_prefix_that_is_not_declared_is_declared_in_its_place(offered: Any, editor: Any) -> None:
    text = HEAD + "mun:xx cpo:governs Vilni‸ .\n"
    item = next(i for i in offered(text) if i["textEdit"]["newText"] == "city:lt-vilnius")
    edits = [item["textEdit"], *item["additionalTextEdits"]]
    assert editor.edited(text.replace("‸", ""), edits) == (
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        + HEAD
        + "mun:xx cpo:governs city:lt-vilnius .\n"
    )


def test_a_declared_prefix_is_not_declared_again(offered: Any) -> None:
    item = offered(HEAD + "mun:xx a Munici‸ .\n")[0]
    assert item["textEdit"]["newText"] == "cpo:Municipality"
    assert "additionalTextEdits" not in item


def test_properties_come_in_the_order_of_the_shapes_required_ones_first(offered: Any) -> None:
    items = offered(HEAD + "<x:p> a cpo:Participation ;\n    ‸\n")
    first = texts(items)[:3]
    assert first == ["cpo:participant", "cpo:participationIn", "cpo:role"]
    assert {item["detail"] for item in items[:3]} == {"has to be there"}


def test_properties_that_are_there_come_last(offered: Any) -> None:
    text = HEAD + "<x:p> a cpo:Participation ;\n    cpo:participant mun:xx ;\n    ‸\n"
    found = texts(offered(text))
    assert found[:2] == ["cpo:participationIn", "cpo:role"]
    assert set(found[-2:]) == {"a", "cpo:participant"}


def test_the_class_of_an_entity_of_the_dataset_is_known(
    offered: Any, editor: Any, shared_copy: Path
) -> None:
    path = shared_copy / BODIES
    text = path.read_text(encoding="utf-8").replace(
        "cpo:governs city:lt-vilnius .", "cpo:governs city:lt-vilnius ;\n    ‸ ."
    )
    found = texts(offered(text, path.as_uri()))
    assert "cpo:nutsRegion" in found
    assert found.index("cpo:nutsRegion") < found.index("cpo:governs")


def test_values_are_those_of_the_list_that_the_shape_names(offered: Any) -> None:
    head = HEAD + "@prefix v: <https://w3id.org/citypledge/voc/> .\n"
    found = texts(offered(head + "<x:c> a cpo:Claim ; cpo:certainty ‸\n"))
    assert found == ["v:cert-stated", "v:cert-implied", "v:cert-external"]


def test_values_are_the_things_of_the_class_that_is_asked_for(offered: Any) -> None:
    items = offered(HEAD + "<x:p> a cpo:Participation ; cpo:role ‸\n")
    assert texts(items)[:2] == ["v:role-lead", "v:role-partner"]
    assert items[0]["labelDetails"]["description"] == "lead partner"
    assert "leads the work" in items[0]["documentation"]["value"]


def test_values_are_the_concepts_of_the_list_that_others_take_theirs_from(offered: Any) -> None:
    text = HEAD + "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
    found = texts(offered(text + "<x:n> a cpo:Network ; dcterms:type ‸\n"))
    assert "v:kind-pilot-project" in found
    assert all(value.startswith("v:kind-") for value in found)


def test_what_a_prefix_has_is_offered_after_its_colon(offered: Any) -> None:
    found = texts(offered(HEAD + "mun:xx cpo:involves mun:lt-vil‸\n"))
    assert found == ["mun:lt-vilnius-city"]


def test_language_tags_are_offered_after_a_text(offered: Any) -> None:
    items = offered(HEAD + '<x:s> cpo:textHash "Vilnius"@s‸\n')
    assert texts(items)[:2] == ["@sl", "@sk"]
    assert items[0]["detail"] == "slovenščina"


def test_datatypes_are_offered_after_two_carets_those_of_the_property_first(offered: Any) -> None:
    found = texts(offered(HEAD + '<x:s> cpo:startDate "2030"^^‸\n'))
    assert found[:3] == ["xsd:date", "xsd:gYear", "xsd:gYearMonth"]
    assert "xsd:integer" in found


def test_prefixes_that_are_not_declared_are_offered_with_their_address(offered: Any) -> None:
    found = texts(offered(HEAD + "@prefix sko‸\n"))
    assert found == [
        "skos: <http://www.w3.org/2004/02/skos/core#> .",
        "skosxl: <http://www.w3.org/2008/05/skos-xl#> .",
    ]


@pytest.mark.parametrize(
    "text", ["# a comment ‸", '<x:s> <x:p> "a te‸xt" .', '<x:s> <x:p> "no end ‸', "<x:s‸> a"]
)
def test_nothing_is_offered_in_comments_texts_and_addresses(offered: Any, text: str) -> None:
    assert offered(text) == []


def test_a_missing_dot_before_does_not_mislead(offered: Any) -> None:
    text = HEAD + "mun:aa a cpo:Municipality\nmun:xx a cpo:Municipality ;\n    cpo:gov‸\n"
    assert texts(offered(text))[0] == "cpo:governs"


def test_characters_outside_the_basic_plane_do_not_shift_the_place(
    offered: Any, editor: Any
) -> None:
    text = HEAD + 'mun:xx cpo:textHash "𝄞𝄞𝄞" ; cpo:governs Vilni‸ .\n'
    item = offered(text)[0]
    assert editor.within(text.replace("‸", ""), item["textEdit"]["range"]) == "Vilni"


def test_what_is_retired_is_not_offered(offered: Any, editor: Any, shared_copy: Path) -> None:
    text = (
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n\n"
        "city:lt-klaipeda-memel a {} .\n"
    )
    uri = (shared_copy / "data" / "retired.ttl").as_uri()
    governs = f"{HEAD}mun:xx cpo:governs city:lt-klaip‸\n"
    editor.open(uri, text.format("cpo:City"))
    assert "city:lt-klaipeda-memel" in texts(offered(governs))
    editor.change(uri, text.format("cpo:RetiredThing"))
    found = texts(offered(governs))
    assert "city:lt-klaipeda-memel" not in found
    assert "city:lt-klaipeda" in found
