"""A mapping that is wrong is told with file and line and what was meant; nothing is read then."""

import re
from pathlib import Path

import pytest

from kg.importing import command, reading, run
from kg.importing.spots import Spots


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('key = "id"', 'kee = "id"', "unknown key in [table.members]: 'kee'; did you mean key?"),
        ('key = "id"', 'key = "ident"', "unknown value 'ident'"),
        ('key = "id"', "key = 3", "key = 3: expected a text in quotes"),
        ('as = "code"', 'as = "cod"', "unknown kind of value 'cod'; did you mean code?"),
        ('name = "{name}"', 'name = "{nam}"', "unknown value 'nam'; did you mean name?"),
        ('kind = "body"', 'kind = "boddy"', "unknown kind 'boddy'; did you mean body?"),
        (
            "v:role-member",
            "v:role-membr",
            "nothing is called v:role-membr; did you mean v:role-member?",
        ),
        ('"cpo:role"', '"cpo:roll"', "nothing is called cpo:roll; did you mean cpo:role?"),
        ('"cpo:role"', '"cp:role"', "unknown prefix 'cp'"),
        ('"cpo:startDate" = "{joined}"', '"cpo:startDate" = "{left}"', "unknown value 'left'"),
        (
            '{ text = "{name}", language = "mul" }',
            '"{name}"',
            "{name} is a text: say in which language",
        ),
        ('when = "new body"', 'when = "if new body"', "'if new body' is no condition"),
        ('country = "country"', 'contry = "country"', "did you mean country?"),
        ('issued = "2024"', 'issued = "spring"', "issued: expected 2024, 2024-04 or 2024-04-30"),
        ('title = "Members of two clubs"', "", "[dataset] needs title ="),
        ('column = "name", required = true', 'column = "Mayor"', "is about a person"),
        ('column = "joined", as = "date"', 'as = "date"', "joined needs one of column ="),
        (
            '"cpo:startDate" = "{joined}"',
            '"cpo:memberCity" = "city:lt-vilnius"',
            "cpo:memberCity is inferred by the build and never imported",
        ),
        (
            '"cpo:participationIn" = "net:baltic-club"',
            '"cpo:participationIn" = "Baltic"',
            "'Baltic' is no prefixed name",
        ),
    ],
)
def test_a_fault_has_file_and_line_and_says_what_was_meant(mapped, members, old, new, told):
    done = mapped(old, new)
    message = str(done.exception)
    assert told in message
    lines = members[0].replace(old, new, 1).splitlines()
    found = re.search(r"members\.toml:(\d+):1: ", message)
    assert found is not None
    near = "\n".join(lines[max(0, int(found[1]) - 1) : int(found[1])])
    assert new in near or near.startswith("["), near


def test_what_is_no_toml_has_line_and_column(workshop):
    done = workshop.members(mapping="[dataset\nid = 1\n")
    assert re.search(r"members\.toml:1:\d+: not TOML", str(done.exception))


def test_a_reference_to_what_nothing_describes_is_refused(mapped, workshop):
    done = mapped('"net:baltic-club"', '"net:baltic-clubb"')
    assert "net:baltic-clubb" in str(done.exception)
    assert not workshop.folder().exists()


def test_lines_of_keys_are_found_in_tables_and_in_arrays_of_tables(tmp_path):
    text = '[a]\nb = 1\n\n[[a.c]]\n"x:y" = 2\n\n[[a.c]]\nd = { e = 1 }\n'
    spots = Spots.of(tmp_path / "m.toml", text)
    assert spots.line(("a", "b")) == 2
    assert spots.line(("a", "c", 0, "x:y")) == 5
    assert spots.line(("a", "c", 1, "d", "e")) == 8


@pytest.mark.parametrize("name", sorted(command.shipped()))
def test_the_mappings_that_come_with_the_program_are_well_formed(root: Path, name):
    mapping = reading.read(command.shipped()[name], run.terms_of(root))
    assert mapping.source.id == name


def test_the_mapping_of_the_covenant_reads_no_column_about_people(root: Path):
    mapping = reading.read(command.shipped()["covenant-of-mayors"], run.terms_of(root))
    assert "mayor" not in mapping.tables[0].columns
    assert "commitment_mayoradapt_flag" in mapping.tables[0].columns


def test_no_shipped_mapping_reads_prose(root: Path):
    prose = {
        "end_target_text",
        "interim_target_text",
        "target_notes",
        "Aims",
        "Activities",
        "Description",
    }
    for path in command.shipped().values():
        for table in reading.read(path, run.terms_of(root)).tables:
            assert prose.isdisjoint(table.columns)
