"""Each fact of the five texts can be read back, with its place.

`seed_rows.csv` says for each row of the inventory which statement it became: subject, property,
value, the source that says it, and the characters where it stands. 432 rows were taken stock of.
16 of them are no data: ten of page furniture, four of contact data (two telephone numbers, an
e-mail and a postal address), and the names of two members of staff without a public role.
"""

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import GRAPH, ID, ONT, PREFIXES, VOC

HERE = Path(__file__).parent
SEED_FACTS = HERE.parents[2] / "shared" / "facts" / "seed_facts.csv"
LEFT_OUT = {
    "noise": {f"s001-{n:03}" for n in range(64, 68)}
    | {f"s002-{n}" for n in range(102, 107)}
    | {"s004-002"},
    "contact data": {"s004-070", "s004-071", "s004-072", "s004-073"},
    "a name without a public role": {"s002-113", "s004-078"},
}


def read_rows() -> list[dict[str, str]]:
    with (HERE / "seed_rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = read_rows()
PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['row']}-{i}" for i, r in enumerate(ROWS)])
def test_the_fact_is_read_back_with_its_source_and_place(
    row: dict[str, str], snapshot_store: ox.Store
) -> None:
    fact = f"{row['subject']} {row['property']} {row['value']}"
    parts = [
        f"?claim a cpo:Claim ; cpo:claimSubject {row['subject']} ;"
        f" cpo:claimProperty {row['property']} ; cpo:claimValue {row['value']} ;"
        f" cpo:claimStatus v:claim-{row['status']} ."
    ]
    if row["start"]:
        parts.append(
            f"?claim cpo:hasSpan span:{row['row']} . span:{row['row']} cpo:spanStart {row['start']}"
            f" ; cpo:spanEnd {row['end']} ; cpo:inDocument source:{row['source']} ."
        )
    else:
        parts.append(f"?claim <http://purl.org/dc/terms/source> source:{row['source']} .")
    if row["kept_as"] == "asserted":
        parts.append(f"GRAPH <{GRAPH}source/{row['source']}> {{ {fact} }}")
    if row["status"] == "accepted":
        parts.append(f"{fact} .")
    query = f"{PROLOGUE} ASK {{ {' '.join(parts)} }}"
    assert bool(snapshot_store.query(query)), fact


def test_the_table_covers_416_of_432_rows_and_each_other_row_has_its_reason() -> None:
    covered = {row["row"] for row in ROWS}
    reasons = set().union(*LEFT_OUT.values())
    assert len(covered) == 416
    assert len(covered | reasons) == 432
    assert not covered & reasons


def test_the_table_is_that_of_the_inventory_where_the_inventory_is_at_hand() -> None:
    if not SEED_FACTS.exists():
        pytest.skip("the inventory of the five texts is not part of the project")
    with SEED_FACTS.open(encoding="utf-8", newline="") as file:
        inventory = {row["id"]: row for row in csv.DictReader(file)}
    covered = {row["row"] for row in ROWS}
    assert set(inventory) == covered | set().union(*LEFT_OUT.values())
    for row in ROWS:
        if row["start"]:
            found = inventory[row["row"]]
            assert (row["start"], row["end"]) == (found["start"], found["end"])


def test_no_claim_of_a_source_text_is_outside_the_table(snapshot_store: ox.Store) -> None:
    spans = snapshot_store.query(
        f"SELECT DISTINCT ?span WHERE {{ ?claim <{ONT}hasSpan> ?span ; a <{ONT}Claim> }}"
    )
    named = {row["span"].value.removeprefix(f"{ID}span/") for row in spans}  # type: ignore[union-attr]
    assert named == {row["row"] for row in ROWS if row["start"]}


def test_a_superseded_or_rejected_fact_is_not_in_the_accepted_view(
    snapshot_store: ox.Store,
) -> None:
    set_aside = [row for row in ROWS if row["status"] in ("superseded", "rejected")]
    assert {row["row"] for row in set_aside} == {
        "s001-004",
        "s004-043",
    }
    for row in set_aside:
        fact = f"{row['subject']} {row['property']} {row['value']}"
        assert not bool(snapshot_store.query(f"{PROLOGUE} ASK {{ {fact} }}")), fact


def test_the_two_aims_for_2030_are_two_targets_of_different_force(snapshot_store: ox.Store) -> None:
    rows = snapshot_store.query(
        f"{PROLOGUE} SELECT ?target ?force WHERE {{ ?target a cpo:Target ;"
        " cpo:targetOf net:lt-green-municipalities ; cpo:bindingForce ?force }"
    )
    forces = {
        row["target"].value.rsplit("/", 1)[1]: row["force"].value.removeprefix(VOC)
        for row in rows  # type: ignore[union-attr]
    }
    assert forces == {
        "lt-five-municipalities": "force-ambition",
        "lt-joined-municipalities": "force-expectation",
    }
