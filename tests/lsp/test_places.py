"""From a name to what it means and where it is, asked by an editor on a copy of the dataset."""

from pathlib import Path
from typing import Any

import pytest

CITIES = "data/registry/city/lt.ttl"
BODIES = "data/registry/municipality/lt.ttl"


@pytest.fixture
def opened(editor: Any, shared_copy: Path) -> Any:
    """Opens a file of the dataset and returns its address."""

    def open_file(name: str, change: tuple[str, str] = ("", "")) -> str:
        path = shared_copy / name
        text = path.read_text(encoding="utf-8").replace(*change)
        editor.open(path.as_uri(), text)
        return path.as_uri()

    return open_file


def found(locations: list[dict[str, Any]], root: Path) -> list[tuple[str, int]]:
    """Return files and lines, from 1."""
    base = root.as_uri() + "/"
    return [(at["uri"].removeprefix(base), at["range"]["start"]["line"] + 1) for at in locations]


# --- Hover


def test_an_entity_is_shown_with_its_names_its_class_and_its_line(editor: Any, opened: Any) -> None:
    uri = opened(BODIES)
    answer = editor.ask("textDocument/hover", editor.at(uri, "city:lt-vilnius", "city:"))
    text = answer["contents"]["value"]
    assert "**Vilnius** `city:lt-vilnius`" in text
    assert "\n\ncity\n\n" in text
    assert "Vilnius (lt) · Vilnius (en) · Vilna (sl)" in text
    assert f"{CITIES}:12" in text
    assert editor.within(editor.texts[uri], answer["range"]) == "city:lt-vilnius"


def test_a_property_is_shown_with_definition_domain_range_and_rules(
    editor: Any, opened: Any
) -> None:
    uri = opened(BODIES)
    answer = editor.ask("textDocument/hover", editor.at(uri, "cpo:country"))
    text = answer["contents"]["value"]
    assert "Places a city, body or network in a state" in text
    assert "of: city `cpo:City`, municipality `cpo:Municipality`" in text
    assert "value: country `cpo:Country`" in text
    assert "PLC01" in text
    assert "PLC02" in text


def test_a_class_is_shown_with_its_definition(editor: Any, opened: Any) -> None:
    uri = opened(BODIES)
    answer = editor.ask("textDocument/hover", editor.at(uri, "cpo:Municipality"))
    assert "Public body that runs the local affairs" in answer["contents"]["value"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"2030"^^xsd:gYear', "a year"),
        ('"Vilna"@sl', "slovenščina"),
        ("12", "a whole number"),
        ("1.5", "a decimal number"),
        ("true", "true or false"),
    ],
)
def test_a_value_is_explained_by_its_type(editor: Any, value: str, said: str) -> None:
    uri = "untitled:value"
    editor.open(uri, f"<http://example.org/s> <http://example.org/p> {value} .\n")
    answer = editor.ask("textDocument/hover", editor.at(uri, value))
    assert said in answer["contents"]["value"]


def test_the_finding_at_a_place_is_told(editor: Any, opened: Any) -> None:
    uri = opened(CITIES, ('"Vilna"@sl', '"Vilna"@SL'))
    editor.diagnostics(uri, lambda found: "TXT01" in [f["code"] for f in found])
    answer = editor.ask("textDocument/hover", editor.at(uri, "@SL"))
    assert "**error TXT01**" in answer["contents"]["value"]


def test_nothing_is_told_about_a_name_that_nobody_describes(editor: Any, opened: Any) -> None:
    uri = opened(BODIES, ("city:lt-vilnius", "city:lt-nowhere"))
    assert editor.ask("textDocument/hover", editor.at(uri, "city:lt-nowhere", "city:")) is None


# --- Definition and references


def test_an_entity_leads_to_the_block_that_gives_it_its_type(
    editor: Any, opened: Any, shared_copy: Path
) -> None:
    uri = opened(BODIES)
    answer = editor.ask("textDocument/definition", editor.at(uri, "city:lt-vilnius", "city:"))
    assert found(answer, shared_copy) == [(CITIES, 12)]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("cpo:governs", "ontology/citypledge.ttl"),
        ("cpo:Municipality", "ontology/citypledge.ttl"),
        ("cc:LTU", "ontology/lists/countries.ttl"),
    ],
)
def test_a_term_leads_to_ontology_and_lists(
    editor: Any, opened: Any, shared_copy: Path, name: str, file: str
) -> None:
    uri = opened(BODIES)
    (place,) = editor.ask("textDocument/definition", editor.at(uri, name))
    lines = (shared_copy / file).read_text(encoding="utf-8").splitlines()
    line = place["range"]["start"]["line"]
    assert found([place], shared_copy) == [(file, line + 1)]
    assert lines[line] == name


def test_references_are_found_in_every_file(editor: Any, opened: Any, shared_copy: Path) -> None:
    uri = opened(CITIES)
    asked = editor.at(uri, "city:lt-vilnius")
    whole = editor.ask("textDocument/references", asked | {"context": {"includeDeclaration": True}})
    assert sorted(found(whole, shared_copy)) == [
        ("data/links.ttl", 19),
        (CITIES, 12),
        (BODIES, 18),
        ("data/sources/geonames.ttl", 41),
        ("data/sources/s004.claims.ttl", 938),
        ("data/sources/s004.ttl", 52),
    ]
    others = editor.ask(
        "textDocument/references", asked | {"context": {"includeDeclaration": False}}
    )
    assert (CITIES, 12) not in found(others, shared_copy)
    assert len(others) == 5


def test_unsaved_text_is_what_references_are_found_in(
    editor: Any, opened: Any, shared_copy: Path
) -> None:
    uri = opened(CITIES, ("# Lithuanian", "\n# Lithuanian"))
    other = opened(BODIES)
    answer = editor.ask("textDocument/definition", editor.at(other, "city:lt-vilnius", "city:"))
    assert found(answer, shared_copy) == [(CITIES, 13)]
    assert uri.endswith(CITIES)


def test_the_places_in_one_text_are_highlighted(editor: Any, opened: Any) -> None:
    uri = opened(BODIES)
    answer = editor.ask("textDocument/documentHighlight", editor.at(uri, "cpo:country"))
    assert [at["range"]["start"]["line"] + 1 for at in answer] == [11, 17]


# --- Symbols


def test_the_blocks_of_a_text_are_its_symbols_by_label(editor: Any, opened: Any) -> None:
    uri = opened(BODIES)
    answer = editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [(s["name"], s["detail"]) for s in answer] == [
        ("Klaipėda City Municipality", "mun:lt-klaipeda-city · municipality"),
        ("Vilnius City Municipality", "mun:lt-vilnius-city · municipality"),
    ]
    text = editor.texts[uri]
    assert editor.within(text, answer[0]["selectionRange"]) == "mun:lt-klaipeda-city"
    assert editor.within(text, answer[0]["range"]).endswith("cpo:governs city:lt-klaipeda .")


def test_an_entity_is_found_by_a_label_without_its_marks(editor: Any, shared_copy: Path) -> None:
    answer = editor.ask("workspace/symbol", {"query": "zaliuju savivaldybiu nac"})
    first = answer[0]
    assert first["containerName"] == "net:lt-green-municipalities"
    assert found([first["location"]], shared_copy) == [("data/registry/network/lt.ttl", 9)]


# --- A new name


def test_a_new_name_is_written_in_every_file(editor: Any, opened: Any, shared_copy: Path) -> None:
    uri = opened(CITIES)
    asked = editor.at(uri, "city:lt-vilnius", "city:lt")
    placeholder = editor.ask("textDocument/prepareRename", asked)["placeholder"]
    assert placeholder == "city:lt-vilnius"
    answer = editor.ask("textDocument/rename", asked | {"newName": "city:lt-vilnia"})
    base = shared_copy.as_uri() + "/"
    edits = {uri.removeprefix(base): found for uri, found in answer["changes"].items()}
    assert sorted(edits) == [
        "data/links.ttl",
        CITIES,
        BODIES,
        "data/sources/geonames.ttl",
        "data/sources/s004.claims.ttl",
        "data/sources/s004.ttl",
        "queries/questions/pairs-that-met-in-networks.rq",
        "queries/questions/programme-cities-in-earlier-networks.rq",
    ]
    for name, changes in edits.items():
        text = (shared_copy / name).read_text(encoding="utf-8")
        assert editor.edited(text, changes) == text.replace("city:lt-vilnius", "city:lt-vilnia")


def test_each_place_keeps_its_form_when_the_name_changes(editor: Any) -> None:
    uri = "untitled:forms"
    base = "https://w3id.org/citypledge/id/"
    editor.open(
        uri,
        f"@prefix c: <{base}city/> .\n@prefix all: <{base}> .\n"
        f"c:xx-new c:xx-new <{base}city/xx-new> .\n",
    )
    asked = editor.at(uri, "c:xx-new") | {"newName": "xx-newer"}
    answer = editor.ask("textDocument/rename", asked)
    assert editor.edited(editor.texts[uri], answer["changes"][uri]).splitlines()[-1] == (
        f"c:xx-newer c:xx-newer <{base}city/xx-newer> ."
    )


def test_a_name_in_a_question_is_changed_too(editor: Any, opened: Any, shared_copy: Path) -> None:
    uri = opened("data/registry/network/urbact.ttl")
    asked = editor.at(uri, "net:urbact-rurban") | {"newName": "net:urbact-rural"}
    answer = editor.ask("textDocument/rename", asked)
    question = shared_copy / "queries" / "questions" / "find-by-name.rq"
    text = question.read_text(encoding="utf-8")
    changed = editor.edited(text, answer["changes"][question.as_uri()])
    assert changed == text.replace("net:urbact-rurban", "net:urbact-rural")
    assert '["net:urbact-rural", "RURAL", "typo"]' in changed


@pytest.mark.parametrize(
    ("name", "new", "said"),
    [
        ("city:lt-vilnius", "city:lt-klaipeda", "city:lt-klaipeda already exists: Klaipėda"),
        ("city:lt-vilnius", "<http://example.org/x>", "only names under"),
        ("city:lt-vilnius", "city:lt vilnius", "is no name of a thing"),
        ("cpo:City", "cpo:Town", "cpo:City is not a thing of this dataset"),
        ("cc:LTU", "cc:LVA", "cc:LTU is not a thing of this dataset"),
        ("# Lithuanian", "x", "there is no name of a thing here"),
    ],
)
def test_a_new_name_is_refused_with_its_reason(
    editor: Any, opened: Any, name: str, new: str, said: str
) -> None:
    uri = opened(CITIES)
    with pytest.raises(editor.RefusedError, match=said) as refused:
        editor.ask("textDocument/rename", editor.at(uri, name) | {"newName": new})
    assert refused.value.code == -32803  # RequestFailed


# --- Folding and colours


def test_prefixes_and_blocks_can_be_folded(editor: Any, opened: Any) -> None:
    uri = opened(CITIES)
    answer = editor.ask("textDocument/foldingRange", {"textDocument": {"uri": uri}})
    assert [(f["startLine"] + 1, f["endLine"] + 1) for f in answer] == [(2, 5), (7, 10), (12, 15)]


def test_tokens_have_their_kinds(editor: Any) -> None:
    uri = "untitled:colours"
    editor.open(uri, '# 𝄞\n<x:s> a "𝄞"@lt , 12 .\n')
    answer = editor.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})
    data = answer["data"]
    tokens = [tuple(data[i : i + 4]) for i in range(0, len(data), 5)]
    comment, keyword, string, number, resource = 4, 5, 2, 3, 6
    assert tokens == [  # lines and characters forward, length, kind; 𝄞 counts two
        (0, 0, 4, comment),
        (1, 0, 5, resource),
        (0, 6, 1, keyword),
        (0, 2, 4, string),
        (0, 4, 3, keyword),
        (0, 6, 2, number),
    ]
