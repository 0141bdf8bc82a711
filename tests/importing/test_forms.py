# ruff: noqa: E501 - lines of TOML and CSV are data
"""Tables of shapes that nobody planned for go in by a mapping alone."""

import json

import openpyxl

HEAD = """\
[dataset]
id = "shapes"
title = "A table"
address = "https://example.org/table"
licence = "not stated"

"""
BODY = """
[table.t.match.body]
name = "{name}"
kind = "body"
row = "{id}"
new = "mun:shape-{id}"
country = "country"

[[table.t.node]]
iri = "{body}"
when = "new body"
type = "cpo:Municipality"
"skos:prefLabel" = { text = "{name}", language = "mul" }
"cpo:country" = "{country}"
"""
VALUES = """
[table.t.values]
id = { column = "id", as = "code", required = true }
name = { column = "name", required = true }
country = { column = "country", as = "country", required = true }
"""


def run(workshop, mapping, *tables):
    done = workshop.run(*tables, "--mapping", workshop.file("shapes.toml", HEAD + mapping))
    assert done.exit_code == 0, done.exception or done.stderr
    return workshop.text("shapes")


def test_a_column_for_each_network_gives_a_participation_for_each_yes(workshop):
    mapping = f"""
[table.t]
delimiter = ";"
{VALUES}
club = {{ where = ["x"], columns = {{ "Baltic" = "net:baltic-club", "Rivers" = "net:river-cities" }} }}
{BODY}
[[table.t.node]]
iri = "pa:{{club}}--{{body}}"
each = "club"
type = "cpo:Participation"
"cpo:participant" = "{{body}}"
"cpo:participationIn" = "{{club}}"
"cpo:role" = "v:role-member"
"""
    table = workshop.file(
        "t.csv", "id;name;country;Baltic;Rivers\n1;Vilnius;LT;x;\n2;Nida;LT;X;x\n3;Kaunas;LT;?;\n"
    )
    text = run(workshop, mapping, table)
    found = [line for line in text.splitlines() if line.startswith("pa:")]
    assert found == [
        "pa:baltic-club--lt-vilnius-city",
        "pa:baltic-club--shape-2",
        "pa:river-cities--shape-2",
    ]
    told = json.loads(workshop.report("shapes"))
    assert (told["line"], told["column"]) == (4, "Baltic")


def test_cells_of_wide_columns_may_say_since_when(workshop):
    mapping = f"""
[table.t]
{VALUES}
club = {{ as = "year", columns = {{ "Baltic" = "net:baltic-club", "Rivers" = "net:river-cities" }} }}
{BODY}
[[table.t.node]]
iri = "pa:{{club}}--{{body}}"
each = "club"
type = "cpo:Participation"
"cpo:participant" = "{{body}}"
"cpo:participationIn" = "{{club}}"
"cpo:role" = "v:role-member"
"cpo:startDate" = "{{club.cell}}"
"""
    table = workshop.file("t.csv", "id,name,country,Baltic,Rivers\n1,Vilnius,LT,1999,2012\n")
    text = run(workshop, mapping, table)
    first, second = text.split("pa:baltic-club--")[1], text.split("pa:river-cities--")[1]
    assert '"1999"^^xsd:gYear' in first.split("\n\n")[0]
    assert '"2012"^^xsd:gYear' in second


def test_a_cell_with_several_networks_gives_several_participations(workshop):
    mapping = f"""
[table.t]
{VALUES}
club = {{ column = "clubs", split = "/", map = {{ "Baltic" = "net:baltic-club", "Rivers" = "net:river-cities" }} }}
{BODY}
[[table.t.node]]
iri = "pa:{{club}}--{{body}}"
each = "club"
type = "cpo:Participation"
"cpo:participant" = "{{body}}"
"cpo:participationIn" = "{{club}}"
"cpo:role" = "v:role-member"
"""
    table = workshop.file("t.csv", "id,name,country,clubs\n1,Vilnius,LT,Rivers / Baltic\n")
    text = run(workshop, mapping, table)
    assert text.count("a cpo:Participation") == 2


def test_a_second_file_is_joined_by_a_key_and_networks_are_matched_by_name(workshop):
    mapping = (
        """
[table.clubs]
delimiter = ";"

[table.clubs.values]
code = { column = "Code", as = "code" }

[table.t]

[table.t.join.clubs]
here = "club"
there = "Code"

[table.t.values]
id = { column = "id", as = "code", required = true }
name = { column = "name", required = true }
country = { column = "country", as = "country", required = true }
club = { column = "Title", from = "clubs", required = true }
role = { column = "role", required = true, map = { "lead" = "v:role-lead", "partner" = "v:role-partner" } }

[table.t.match.network]
name = "{club}"
kind = "network"
row = "{club}"

[[table.t.skip]]
when = ["role is v", "has id"]
reason = "never so"
"""
        + BODY
        + """
[[table.t.node]]
iri = "pa:{network}--{body}"
type = "cpo:Participation"
"cpo:participant" = "{body}"
"cpo:participationIn" = "{network}"
"cpo:role" = "{role}"
"""
    )
    clubs = workshop.file("clubs.csv", "Code;Title\n7;Baltic Club\n8;Unknown Club\n9;A\n9;B\n")
    table = workshop.file(
        "t.csv",
        "id,name,country,club,role\n1,Vilnius,LT,7,lead\n2,Nida,LT,8,partner\n"
        "3,Nida,LT,77,partner\n4,Nida,LT,9,partner\n5,Nida,LT,7,guest\n",
    )
    text = run(workshop, mapping, clubs, table)
    assert "pa:baltic-club--lt-vilnius-city" in text
    assert "cpo:role v:role-lead" in text
    told = [json.loads(line) for line in workshop.report("shapes").splitlines()]
    assert [(each["line"], each["kind"]) for each in told] == [
        (3, "not found"),
        (4, "no value"),
        (5, "joined twice"),
        (6, "unknown cell"),
    ]


def test_rows_are_left_out_with_the_reason_of_the_mapping_before_anything_else_is_asked(workshop):
    mapping = f"""
[table.t]
{VALUES}
kind = "kind"
{BODY}
[[table.t.skip]]
when = "kind is not city"
reason = "not a city"
"""
    table = workshop.file(
        "t.csv", "id,name,country,kind\n1,Vilnius,LT,city\n2,Firm,Nowhere,company\n"
    )
    run(workshop, mapping, table)
    told = json.loads(workshop.report("shapes"))
    assert (told["line"], told["kind"], told["reason"]) == (3, "left out", "not a city")


def test_a_sheet_with_a_title_above_decimal_commas_and_percents(workshop):
    mapping = f"""
[table.t]
sheet = "Data"
header = 3
decimal = ","
absent = ["n/a"]
point = {{ latitude = "lat", longitude = "long", country = "country" }}
{VALUES}
lat = {{ column = "lat", as = "decimal" }}
long = {{ column = "long", as = "decimal" }}
cut = {{ column = "cut", as = "percent", fraction = true, bad = "value" }}
year = {{ column = "year", as = "year" }}
{BODY}
"wgs:lat" = "{{lat}}"
"wgs:long" = "{{long}}"

[[table.t.node]]
iri = "target:shape-{{id}}"
when = "has cut"
type = "cpo:Target"
"skos:prefLabel" = {{ text = "Cut of {{name}}", language = "en" }}
"cpo:setBy" = "{{body}}"
"cpo:outcome" = "v:emissions-reduction"
"cpo:bindingForce" = "v:force-plan"
"cpo:metric" = "v:emissions-cut"
"cpo:comparison" = "v:at-least"
"cpo:targetValue" = "{{cut}}"
"cpo:targetYear" = "{{year}}"
"""
    book = openpyxl.Workbook()
    book.create_sheet("Data")
    for row in (
        ["A table"],
        [],
        ["id", "name", "country", "lat", "long", "cut", "year"],
        [1, "Nida", "LT", "55,30", "21,01", 0.4, 2030],
        [2, "Palanga", "LT", "21,06", "55,92", "n/a", 2030],
        [3, "Zarasai", "LT", "55,73", "26,25", "a lot", 2030],
    ):
        book["Data"].append(row)
    path = workshop.files / "t.xlsx"
    book.save(path)
    text = run(workshop, mapping, path)
    assert "cpo:targetValue 40.0" in text
    assert "wgs:lat 55.3 ;" in text
    told = [json.loads(line) for line in workshop.report("shapes").splitlines()]
    assert [(each["what"], each["line"], each["kind"]) for each in told] == [
        ("value", 5, "point outside"),
        ("value", 6, "number"),
    ]
    assert text.count("a cpo:Target") == 1


def test_the_language_of_a_label_may_come_from_a_column(workshop):
    mapping = f"""
[table.t]
{VALUES}
tongue = {{ column = "country", map = {{ "LT" = "lt", "SI" = "sl" }} }}
{BODY.replace('language = "mul"', 'language = "{tongue}"')}
"""
    table = workshop.file("t.csv", "id,name,country\n1,Nida,LT\n2,Bled,SI\n")
    text = run(workshop, mapping, table)
    assert '"Nida"@lt' in text and '"Bled"@sl' in text


def test_a_row_with_two_names_of_two_places_is_a_body_of_its_own_without_the_position(workshop):
    mapping = f"""
[table.t]
{VALUES}
place = "place"
lat = {{ column = "lat", as = "decimal" }}
long = {{ column = "long", as = "decimal" }}
{
        BODY.replace(
            'kind = "body"',
            'kind = "body"'
            + chr(10)
            + 'also = "{place}"'
            + chr(10)
            + 'apart = "mun:shape-{id}-{name}"'
            + chr(10)
            + 'latitude = "lat"'
            + chr(10)
            + 'longitude = "long"',
        )
    }
"wgs:lat" = "{{lat}}"
"wgs:long" = "{{long}}"
"""
    table = workshop.file(
        "t.csv",
        "id,name,country,place,lat,long\n1,Salford,GB,Manchester,53.48,-2.24\n2,Malmö,SE,Malmoe,55.6,13.0\n",
    )
    text = run(workshop, mapping, table)
    salford = text.split("mun:shape-1-salford\n")[1].split("\n\n")[0]
    assert "wgs:lat" not in salford
    malmo = text.split("mun:shape-2\n")[1].split("\n\n")[0]
    assert "wgs:lat 55.6" in malmo
    assert "names of two places" in workshop.report("shapes")
