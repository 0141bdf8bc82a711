"""Which nodes belong to a thing although they are nodes of their own: a participation, a signature.

The ontology says most of what holds for a time by a node between two things, as with
`cpo:Participation`. A description of one of the two without that node would leave out what one
comes for. So the node is part of the description of everything that it ties, under a name.
"""

from typing import Final, NamedTuple

from kg.namespaces import SKOS


class Tie(NamedTuple):
    """A property that leads from a node to a thing whose description the node is part of.

    Attributes:
        predicate: Local name of a property of the ontology, or the IRI of one.
        name: What the nodes are to the thing, as a key of JSON-LD.
        is_whole: Whether the statements of the node are part of the description too, and not only
            the one that ties.
        is_of_governor: Whether what it says of a body is told of a place that the body governs.
    """

    predicate: str
    name: str
    is_whole: bool = True
    is_of_governor: bool = False

    @property
    def heading(self) -> str:
        """The name in words.

        >>> Tie("figureAbout", "reportedFigures").heading
        'Reported figures'
        """
        words = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in self.name)
        return words.capitalize()

    def iri(self, base: str) -> str:
        """Return the IRI of the property."""
        return self.predicate if ":" in self.predicate else f"{base}ont#{self.predicate}"


GOVERNS: Final = Tie("governs", "governedBy", is_whole=False)
RULINGS: Final = Tie("decidesSubject", "rulings")
CLAIMS: Final = Tie("claimSubject", "claims")
EVIDENCE: Final = (RULINGS, CLAIMS)

# In the order in which a description has them.
TIES: Final = (
    GOVERNS,
    Tie("participant", "participations", is_of_governor=True),
    Tie("participationIn", "participants"),
    Tie("signatory", "signatures", is_of_governor=True),
    Tie("signs", "signings"),
    Tie("signedByPerson", "signedByHand"),
    Tie("holder", "publicRoles"),
    Tie("roleIn", "roleHolders", is_of_governor=True),
    Tie("undertakingOf", "undertakings"),
    Tie("dutyBearer", "duties", is_of_governor=True),
    Tie("targetOf", "targets"),
    Tie("goalOf", "goals"),
    Tie("setBy", "ownAims", is_of_governor=True),
    Tie("phaseOf", "phases"),
    Tie("editionOf", "editions"),
    Tie("activityOf", "activities"),
    Tie("reportsOn", "progressReports"),
    Tie("decidedBy", "decisions", is_of_governor=True),
    Tie("approves", "approvals"),
    Tie("grantedTo", "labelDecisions", is_whole=False, is_of_governor=True),
    Tie("grantedFor", "recognitions", is_whole=False),
    Tie("party", "documentsAsParty", is_of_governor=True),
    Tie("fundedThing", "fundingArrangements"),
    Tie("fromFund", "payments"),
    Tie("figureAbout", "reportedFigures"),
    Tie(SKOS + "inScheme", "concepts", is_whole=False),
    *EVIDENCE,
)
