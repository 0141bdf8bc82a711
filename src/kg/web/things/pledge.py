"""The page of a pledge: who signed it, what it asks of whom, by when, and how far that has come."""

from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.web.drawing import europe_map
from kg.web.i18n import sort_key
from kg.web.things.bodies import Standing, points, standing
from kg.web.things.items import duties, goals, targets
from kg.web.things.lens import Lens
from kg.web.things.network import figures
from kg.web.things.promises import Act, signature


class Signatory(NamedTuple):
    """A body that has signed, and the act."""

    body: Standing
    act: Act


def values(lens: Lens, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what the page shows."""
    signed, is_whole = signatories(lens, thing)
    cities = [each.body.city for each in signed if each.body.city is not None]
    drawn = points(lens, cities, "pledge", "diamond")
    items = duties(lens, thing)
    aims = targets(lens, thing)
    return {
        "programmes": lens.facts(thing, "underProgramme"),
        "motives": lens.facts(thing, "motive"),
        "force": lens.one(thing, "bindingForce"),
        "creates": lens.facts(thing, "aimsToCreate"),
        "signatories": signed,
        "has_all_signatories": is_whole,
        "dates": sorted({each.act.date.text for each in signed if each.act.date is not None}),
        "undertakings": items,
        "with_progress": sum(each.progress is not None for each in (*items, *aims)),
        "targets": aims,
        "goals": goals(lens, thing),
        "year": next((item.year for item in aims if item.year is not None), None),
        "figures": figures(lens, thing),
        "map": europe_map(drawn) if drawn else None,
    }


def signatories(lens: Lens, thing: ox.NamedNode) -> tuple[list[Signatory], bool]:
    """Return who has signed a pledge or document, by country, and whether that is all of them."""
    cut = lens.pointing("signs", thing)
    found = []
    for node in cut.nodes:
        for body in lens.nodes(node, "signatory"):
            found.append(Signatory(standing(lens, body), signature(lens, node)))
    found.sort(key=lambda each: (each.body.code, sort_key(each.body.shown.text, lens.language)))
    return found, cut.is_whole
