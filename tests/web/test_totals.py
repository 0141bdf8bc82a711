"""The pages of totals and of contested facts, on real data; numbers are those of the sources."""

import re
from html import unescape

import httpx
import pyoxigraph as ox
import pytest

from kg.namespaces import DQV

BASE = "https://w3id.org/citypledge/"


def row(page: str, anchor: str) -> str:
    """The words of one row."""
    found = re.search(rf'<tr class="first" id="{re.escape(anchor)}">(.*?)</tr>', page, re.S)
    assert found, anchor
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


@pytest.mark.parametrize(
    ("anchor", "stated", "numbers"),
    [
        # 161 places in 23 networks, held by fewer bodies (page of URBACT, 18 December 2018).
        ("listed/decision/urbact-transfer-2018", "161 number of partner bodies", "161"),
        # 112 entries, one of which is Eindhoven and Helmond together.
        ("listed/decision/eu-cities-mission-selection-2022", "112 number of cities", "112 113"),
        ("listed/network/urbact-sdg-pilot", "19 number of cities", "19 19"),
        ("listed/network/se-climate-neutral-cities-2030", "23 number of municipalities", "23 23"),
        ("listed/network/es-cities-2030", "8 number of cities", "8 8"),
        ("listed/network/lt-green-municipalities", "24 number of municipalities", "0 0 0"),
    ],
)
def test_what_is_stated_stands_beside_what_is_listed(
    names: httpx.Client, anchor: str, stated: str, numbers: str
) -> None:
    found = row(names.get("/totals").text, anchor)
    assert stated in found and f" {numbers} " in found


def test_a_list_without_names_says_so(names: httpx.Client) -> None:
    found = row(names.get("/totals").text, "listed/network/lt-green-municipalities")
    assert found.endswith("no member is named in the sources")
    assert "2023-06-28" in found and "2024-04-12" in found


def test_disputed_values_stand_with_their_sources_and_the_reason(names: httpx.Client) -> None:
    found = " ".join(unescape(re.sub(r"<[^>]+>", " ", names.get("/contested").text)).split())
    # A page puts two Finnish cities into Sweden; the newspaper counts all 23 as bound.
    for text in ("Turku", "Sweden", "Finland", "they share the aim, not the signature"):
        assert text in found


@pytest.mark.parametrize("path", ["/totals", "/contested"])
def test_a_page_is_in_the_menu(names: httpx.Client, path: str) -> None:
    answer = names.get(path)
    assert answer.status_code == 200
    assert f'<a href="{path}" aria-current="page">' in answer.text


def test_measurements_have_a_metric_and_the_numbers_of_the_page(snapshot_store: ox.Store) -> None:
    meta = ox.NamedNode(f"{BASE}graph/meta")
    thing = ox.NamedNode(f"{BASE}id/decision/urbact-transfer-2018")
    found = {}
    on_thing = snapshot_store.quads_for_pattern(None, ox.NamedNode(DQV + "computedOn"), thing, meta)
    for quad in on_thing:
        [value] = snapshot_store.quads_for_pattern(
            quad.subject, ox.NamedNode(DQV + "value"), None, meta
        )
        [metric] = snapshot_store.quads_for_pattern(
            quad.subject, ox.NamedNode(DQV + "isMeasurementOf"), None, meta
        )
        assert isinstance(metric.object, ox.NamedNode) and isinstance(value.object, ox.Literal)
        found[metric.object.value.rpartition("/")[2]] = int(float(value.object.value))
    assert (found["stated"], found["listed"]) == (161, 161)
    assert found["matched"] <= found["bodies"] < 161
