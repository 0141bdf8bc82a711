"""The page of a person: public roles, and what the person has signed for a body. Nothing else."""

from typing import Any

import pyoxigraph as ox

from kg.web.things.bodies import standing
from kg.web.things.city import office
from kg.web.things.lens import Lens
from kg.web.things.pledge import Signatory
from kg.web.things.promises import signature


def values(lens: Lens, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what the page shows."""
    nodes = lens.pointing("holder", thing).nodes
    held = [each for node in nodes if (each := office(lens, node)) is not None]
    signed = []
    for node in lens.pointing("signedByPerson", thing).nodes:
        for body in lens.nodes(node, "signatory"):
            signs = lens.one(node, "signs")
            signed.append((Signatory(standing(lens, body), signature(lens, node)), signs))
    return {
        "basis": lens.facts(thing, "publicationBasis"),
        "offices": sorted(held, key=lambda each: each.role.text),
        "signed": signed,
    }
