"""Properties that take several statements, such as the networks that a city sits in.

A city does nothing by itself: the body that governs it joins and signs. So each of them has a way
from a place, over that body, and a shorter one from a body.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kg.namespaces import DCTERMS, FOAF, ORG, OWL, SKOS
from kg.web.reconciliation.ways import Step, Way, of_kind

_WGS: Final = "http://www.w3.org/2003/01/geo/wgs84_pos#"
COORDINATES: Final = "coordinates"
POPULATION: Final = "population"
_LITERAL_FORM: Final = "http://www.w3.org/2008/05/skos-xl#literalForm"


class Chain(NamedTuple):
    """A property that takes several statements.

    Attributes:
        id: Its identifier.
        name: Of it.
        description: What its values are.
        ways: To the values.
        types: IRIs of the classes whose instances can have it.
        value_type: IRI of the class of its values; empty where they are no things.
        starts: What the IRIs begin with that count as values; empty for any value.
        is_newest: Whether only the value with the latest `cpo:asOf` counts.
    """

    id: str
    name: str
    description: str
    ways: tuple[Way, ...]
    types: frozenset[str]
    value_type: str = ""
    starts: str = ""
    is_newest: bool = False


class _Terms(NamedTuple):
    base: str

    def of(self, local: str) -> str:
        return f"{self.base}ont#{local}"

    def to(self, local: str, kind: str = "") -> Step:
        return Step(self.of(local), having=of_kind(self.of(kind)) if kind else None)

    def back(self, local: str, kind: str = "") -> Step:
        return self.to(local, kind)._replace(is_back=True)

    @property
    def takes_part(self) -> Step:
        """To the participations of a body, without mere invitations."""
        return self.back("participant")._replace(without=self._invited)

    @property
    def taken_part(self) -> Step:
        """From a thing to the participations in it, without mere invitations."""
        return self.back("participationIn")._replace(without=self._invited)

    @property
    def _invited(self) -> tuple[str, str]:
        return self.of("participationStatus"), f"{self.base}voc/participation-invited"

    def kinds(self, *locals_: str) -> frozenset[str]:
        return frozenset(self.of(each) for each in locals_)


def chains(base: str) -> list[Chain]:
    """Return the properties that take several statements.

    Args:
        base: What the IRIs of the dataset begin with.
    """
    terms = _Terms(base)
    return [*_taking_part(terms), *_acts(terms), *_places(terms), *_elsewhere(terms)]


def _bodies(terms: _Terms) -> frozenset[str]:
    return terms.kinds("Municipality") | {ORG + "Organization", FOAF + "Organization"}


def _also_of_places(terms: _Terms, way: Sequence[Step]) -> tuple[Way, ...]:
    """Return a way from a body, and that from a place which the body governs."""
    return tuple(way), (terms.back("governs"), *way)


def _taking_part(terms: _Terms) -> Iterator[Chain]:
    either = _bodies(terms) | terms.kinds("City")
    for kind, identifier, name in (
        ("Network", "networks", "networks"),
        ("Project", "projects", "projects"),
        ("Programme", "programmes", "programmes"),
    ):
        way = (terms.takes_part, terms.to("participationIn", kind))
        about = (
            f"Each {name[:-1]} that it takes part in; of a place, those of the body that runs it."
        )
        yield Chain(identifier, name, about, _also_of_places(terms, way), either, terms.of(kind))
    led = (terms.back("leadPartner", "Network"),)
    about = "Each network that it is or was the lead partner of."
    ways = _also_of_places(terms, led)
    yield Chain("networksLed", "networks led", about, ways, either, terms.of("Network"))
    members = ((terms.taken_part, terms.to("participant")),)
    kinds = terms.kinds("Network", "Project", "Programme", "ProgrammeEdition")
    yield Chain("members", "members", "Each body that takes part in it.", members, kinds)


def _acts(terms: _Terms) -> Iterator[Chain]:
    either = _bodies(terms) | terms.kinds("City")
    signed = _also_of_places(terms, (terms.back("signatory"), terms.to("signs", "Pledge")))
    about = "Each pledge that it has signed; of a place, those that the body signed which runs it."
    yield Chain("pledgesSigned", "pledges signed", about, signed, either, terms.of("Pledge"))
    signers = ((terms.back("signs"), terms.to("signatory")),)
    about = "Each body that has signed it."
    yield Chain("signatories", "signatories", about, signers, terms.kinds("Pledge"))
    granted = _also_of_places(terms, (terms.back("grantedTo"), terms.to("grants")))
    about = "What decisions have given it, such as the label of the EU Cities Mission."
    yield Chain("labelsGranted", "labels granted", about, granted, either)
    targets = _also_of_places(terms, (terms.back("setBy", "Target"),))
    about = "Each target that it has set itself."
    yield Chain("targetsSet", "targets set", about, targets, either, terms.of("Target"))


def _places(terms: _Terms) -> Iterator[Chain]:
    city, bodies = terms.kinds("City"), _bodies(terms)
    runs = ((terms.back("governs"),),)
    yield Chain("governedBy", "governed by", "The body that runs the place.", runs, city)
    counted = (terms.of("counts"), f"{terms.base}voc/count-inhabitants")
    figure = terms.back("figureAbout")._replace(having=counted)
    ways = ((figure,), (terms.to("governs"), figure))
    about = "Inhabitants by the latest figure; of a body, those of the place that it runs."
    either = city | bodies
    yield Chain(POPULATION, "population", about, ways, either, is_newest=True)
    where = ((Step(_WGS + "lat"),), (terms.to("governs"), Step(_WGS + "lat")))
    about = "Latitude and longitude in degrees (WGS 84), such as 55.71,21.14."
    yield Chain(COORDINATES, "coordinates", about, where, either)
    code = ((terms.to("country"), Step(DCTERMS + "identifier")),)
    about = "Two letters (ISO 3166-1) for the country, such as LT."
    countries = either | terms.kinds("Network")
    yield Chain("countryCode", "country code", about, code, countries)


def _elsewhere(terms: _Terms) -> Iterator[Chain]:
    links = f"{terms.base}graph/links"
    same = Step(OWL + "sameAs", graph=links)
    ways = ((same,), (terms.to("governs"), same))
    either = terms.kinds("City") | _bodies(terms)
    for identifier, name, starts in (
        ("geonames", "GeoNames number", "https://sws.geonames.org/"),
        ("wikidata", "Wikidata item", "http://www.wikidata.org/entity/"),
    ):
        about = f"Its {name}; of a body, that of the place which it runs."
        yield Chain(identifier, name, about, ways, either, starts=starts)
    hidden, other = Step(SKOS + "hiddenLabel"), Step(SKOS + "altLabel")
    names = ((other,), (hidden,), (terms.to("nameForm"), Step(_LITERAL_FORM)))
    about = "Other names, and the spellings that sources use."
    kinds = either | terms.kinds("Network", "Programme", "Project", "Pledge")
    yield Chain("otherNames", "other names", about, names, kinds)
