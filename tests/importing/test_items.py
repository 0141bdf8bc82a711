"""A cell with several bodies: each is looked up, and none is lost or becomes a name of another."""

import re

import pytest

HEAD = "id;name;country;joined\n"


@pytest.fixture
def several(members) -> str:
    """A mapping in which the names of bodies stand in one cell."""
    mapping = members[0].replace('key = "id"', 'key = "id"\ndelimiter = ";"')
    mapping = mapping.replace('column = "name",', 'column = "name", split = ",",')
    mapping = mapping.replace('row = "{id}"', 'row = "{id}-{name}"')
    return mapping.replace("mun:demo-{id}", "mun:demo-{id}-{name}")


def test_each_item_of_a_cell_is_a_body_of_its_own(workshop, several):
    done = workshop.members(HEAD + "1;Köln, Düsseldorf, Münster;DE;2018\n", several)
    assert done.exit_code == 0, done.exception
    assert "1 rows read = 1 imported + 0 reported" in done.stderr
    text = workshop.text()
    names = re.findall(r'a cpo:Municipality ;\n    skos:prefLabel "([^"]+)"@mul', text)
    assert sorted(names) == ["Düsseldorf", "Köln", "Münster"]
    assert text.count("a cpo:Participation") == 3
    assert len(re.findall(r"cpo:participant [^,\s]+ ;", text)) == 3  # one body each
    assert text.count('cpo:startDate "2018"^^xsd:gYear') == 3


def test_items_that_the_graph_has_are_matched_and_the_others_are_new(workshop, several):
    workshop.members(HEAD + "1;Vilnius, Nida;LT;\n", several)
    text = workshop.text()
    assert "cpo:participant mun:lt-vilnius-city" in text
    assert "cpo:participant mun:demo-1-nida" in text
    assert text.count("a cpo:Municipality") == 1


def test_a_text_of_the_item_is_that_of_its_own_body(workshop, several):
    label = 'full = { text = "{name} Council" }\njoined ='
    mapping = several.replace("joined =", label, 1).replace(
        '{ text = "{name}",', '{ text = "{full}",'
    )
    workshop.members(HEAD + "1;Köln, Münster;DE;\n", mapping)
    labels = re.findall(r'prefLabel "([^"]+)"@mul', workshop.text())
    assert sorted(labels) == ["Köln Council", "Münster Council"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('row = "{id}-{name}"', 'row = "{id}"', "row = has to have {name} in it too"),
        ("mun:demo-{id}-{name}", "mun:demo-{id}", "new = has to have {name} in it too"),
        (
            'as = "country", required = true',
            'as = "country", split = "/", required = true',
            "country may have several items in a row",
        ),
    ],
)
def test_a_mapping_that_would_lose_items_is_refused_with_its_line(
    workshop, several, old, new, told
):
    assert old in several
    done = workshop.members(HEAD + "1;Köln, Münster;DE;\n", several.replace(old, new))
    assert re.search(r"members\.toml:\d+:1: ", str(done.exception))
    assert told in str(done.exception)
    assert not workshop.folder().exists()


def test_a_wide_value_is_no_name_of_a_thing(mapped):
    done = mapped(
        'name = { column = "name", required = true }',
        'name = { columns = { "name" = "net:baltic-club" } }',
    )
    assert "name may have several items in a row" in str(done.exception)
