"""Make a dataset of the domain at any size: invented cities, networks, pledges and people.

    python benchmarks/generate.py --size m1m --out m1m.nq
    python benchmarks/generate.py --cities 500 --out small.nq --seed 7

The vocabulary and the paths of the IRIs are those of the real data; nothing in it is true. The
same arguments give the same bytes. What is written is a sequence of N-Quads: each statement once
in the default graph, as in a snapshot, and once in the named graph of the source that makes it;
one statement in `REPEAT_EVERY` is made by a second source too. What the rules of the build would
infer is in the graph of inferred statements instead.

Beside `OUT.nq` stands `OUT.json` with the counts and with IRIs for the queries of the mix.
Memory does not grow with the size.
"""

import argparse
import json
import random
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final, TextIO

from kg.namespaces import PREFIXES

SIZES: Final = {"s100k": 770, "m1m": 7_050, "l10m": 72_000}
REPEAT_EVERY: Final = 125  # 0.8 %

# Code in IRIs, code of the EU table, language, share of the cities, latitude, longitude.
COUNTRIES: Final = (
    ("at", "AUT", "de", 4, 47.5, 14.5),
    ("be", "BEL", "fr", 4, 50.6, 4.6),
    ("bg", "BGR", "bg", 4, 42.7, 25.4),
    ("cy", "CYP", "el", 1, 35.0, 33.2),
    ("cz", "CZE", "cs", 5, 49.8, 15.3),
    ("de", "DEU", "de", 12, 51.1, 10.2),
    ("dk", "DNK", "da", 2, 56.0, 9.6),
    ("ee", "EST", "et", 1, 58.7, 25.5),
    ("es", "ESP", "es", 11, 40.2, -3.6),
    ("fi", "FIN", "fi", 3, 62.5, 26.1),
    ("fr", "FRA", "fr", 12, 46.6, 2.5),
    ("gr", "GRC", "el", 5, 39.0, 22.5),
    ("hr", "HRV", "hr", 3, 45.4, 16.0),
    ("hu", "HUN", "hu", 4, 47.2, 19.4),
    ("ie", "IRL", "en", 1, 53.2, -8.0),
    ("it", "ITA", "it", 13, 42.9, 12.5),
    ("lt", "LTU", "lt", 2, 55.3, 23.9),
    ("lu", "LUX", "fr", 1, 49.8, 6.1),
    ("lv", "LVA", "lv", 1, 56.9, 24.9),
    ("mt", "MLT", "mt", 1, 35.9, 14.4),
    ("nl", "NLD", "nl", 3, 52.2, 5.5),
    ("pl", "POL", "pl", 9, 52.1, 19.3),
    ("pt", "PRT", "pt", 4, 39.6, -8.1),
    ("ro", "ROU", "ro", 6, 45.9, 25.0),
    ("se", "SWE", "sv", 3, 61.0, 15.5),
    ("si", "SVN", "sl", 3, 46.1, 14.8),
    ("sk", "SVK", "sk", 2, 48.7, 19.6),
)
# Names are put together of syllables, each in three scripts.
_LATIN: Final = "ba de ga ka la li ma mo na ne pa po ra ri sa ta to va vi za"
_GREEK: Final = "μπα ντε γκα κα λα λι μα μο να νε πα πο ρα ρι σα τα το βα βι ζα"
_CYRILLIC: Final = "ба де га ка ла ли ма мо на не па по ра ри са та то ва ви за"
SYLLABLES: Final = tuple(zip(_LATIN.split(), _GREEK.split(), _CYRILLIC.split(), strict=True))
SCRIPTS: Final = {"el": 1, "bg": 2}
OTHER_LANGUAGES: Final = ("lt", "sl", "de", "fr", "el", "bg")
THEMES: Final = (
    "climate-neutrality",
    "inclusion",
    "regeneration",
    "healthy-city",
    "sdg-localisation",
    "theme-adaptation",
    "theme-mitigation",
)
REGIONS: Final = (2, 4, 8)  # of the three levels below a country


@dataclass
class Summary:
    """What was written.

    Attributes:
        cities: Number of cities, which sets the size.
        seed: Of the random numbers.
        statements: In the default graph, where each stands once.
        quads: In all graphs together.
        repeated: Statements that stand in two named graphs.
        parameters: IRIs that the queries of the mix ask about, by the name of the parameter.
        lookups: IRIs of entities to look up, spread over all kinds.
    """

    cities: int
    seed: int
    statements: int = 0
    quads: int = 0
    repeated: int = 0
    parameters: dict[str, str] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)


def iri(name: str) -> str:
    """Return the IRI of a prefixed name in angle brackets, as N-Quads want it."""
    prefix, _, local = name.partition(":")
    return f"<{PREFIXES[prefix]}{local}>"


def literal(value: object, datatype: str) -> str:
    """Return a literal with a datatype of XML Schema, such as `date`."""
    return f'"{value}"^^<{PREFIXES["xsd"]}{datatype}>'


def tagged(text: str, language: str) -> str:
    """Return a text in a language. The text needs no escapes."""
    return f'"{text}"@{language}'


A: Final = iri("rdf:type")
LABEL: Final = iri("skos:prefLabel")
COUNTRY: Final = iri("cpo:country")
INSIDE: Final = iri("schema:containedInPlace")
PARTICIPANT: Final = iri("cpo:participant")
PARTICIPATION_IN: Final = iri("cpo:participationIn")
ROLE: Final = iri("cpo:role")
START: Final = iri("cpo:startDate")
END: Final = iri("cpo:endDate")
EARLIEST: Final = iri("cpo:earliestDay")
LATEST: Final = iri("cpo:latestDay")
GEOMETRY: Final = "<http://www.w3.org/ns/locn#geometry>"
WKT: Final = "<http://www.opengis.net/ont/geosparql#wktLiteral>"
INFERRED: Final = iri("graph:inferred")
REGISTRY: Final = iri("graph:registry")
LISTS: Final = iri("graph:lists")


class Writer:
    """Writes statements to a file of N-Quads and counts them."""

    def __init__(self, file: TextIO, sources: int, summary: Summary) -> None:
        self.file = file
        self.graphs = [iri(f"graph:source/g-{number}") for number in range(sources)]
        self.summary = summary
        self.lines: list[str] = []

    def say(self, subject: str, graph: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Write statements about one subject, all from one graph."""
        summary, lines = self.summary, self.lines
        for predicate, value in pairs:
            text = f"{subject} {predicate} {value}"
            lines.append(f"{text} .\n{text} {graph} .\n")
            summary.statements += 1
            if summary.statements % REPEAT_EVERY == 0:
                lines.append(f"{text} {self.other(graph)} .\n")
                summary.repeated += 1
        if len(lines) > 20_000:
            self.flush()

    def other(self, graph: str) -> str:
        """Return the graph of a source that is not `graph`."""
        found = self.graphs[self.summary.repeated % len(self.graphs)]
        return (
            found if found != graph else self.graphs[(self.summary.repeated + 1) % len(self.graphs)]
        )

    def flush(self) -> None:
        """Hand over what is held back."""
        self.file.writelines(self.lines)
        self.lines.clear()


class World:
    """The invented world: which country, region and name a number stands for."""

    def __init__(self, cities: int, seed: int) -> None:
        self.cities = cities
        self.chance = random.Random(seed)  # noqa: S311 - numbers for data, not for secrets
        self.sources = max(8, cities // 100)
        self.networks = max(4, cities // 20)
        self.programmes = 12
        self.pledges = max(2, cities // 20)
        self.projects = max(2, cities // 10)
        self.people = max(4, cities // 2)
        self.asked = 0  # the city whose municipality the mix asks about
        shares = list(accumulate(country[3] for country in COUNTRIES))
        self.starts = [0, *(cities * share // shares[-1] for share in shares)]

    def country(self, city: int) -> int:
        """Return the number of the country that a city lies in."""
        return bisect_right(self.starts, city) - 1

    def city(self, number: int, kind: str = "city") -> str:
        """Return the IRI of a city, or with `mun` that of the municipality that governs it."""
        return iri(f"{kind}:{COUNTRIES[self.country(number)][0]}-{number}")

    def name(self, number: int, script: int = 0) -> str:
        """Return the name of a city in the Latin (0), Greek (1) or Cyrillic (2) script."""
        mixed = number * 7919 + 4111
        parts = [
            SYLLABLES[mixed % 20],
            SYLLABLES[mixed // 20 % 20],
            SYLLABLES[mixed // 400 % 20],
        ]
        return "".join(part[script] for part in parts).capitalize()

    def source(self, number: int) -> str:
        """Return the named graph of the source that speaks of a thing with this number."""
        return iri(f"graph:source/g-{number % self.sources}")

    def day(self, first: int, last: int) -> str:
        """Return a random day, as ISO 8601, in the years from `first` to `last`."""
        chance = self.chance
        return (
            f"{chance.randrange(first, last + 1)}-{chance.randrange(1, 13):02}"
            f"-{chance.randrange(1, 29):02}"
        )

    def members(self, size: int, national: bool) -> list[int]:
        """Return different cities: of one country where `national`, else of all."""
        low, high = 0, self.cities
        if national:
            which = self.chance.randrange(len(COUNTRIES))
            low, high = self.starts[which], self.starts[which + 1]
        return self.chance.sample(range(low, high), min(size, high - low))


def generate(out: Path, cities: int, seed: int = 1) -> Summary:
    """Write a dataset to `out` and its summary beside it, with the suffix `.json`.

    Args:
        out: The file of N-Quads, which is written anew.
        cities: Number of cities, at least 300; a city comes with about 140 quads, in a small world
            with fewer, because no network takes in more than an eighth of the cities.
        seed: Another seed gives another world of the same shape.

    Raises:
        ValueError: There are fewer than 300 cities.
    """
    if cities < 300:
        raise ValueError(f"--cities: {cities} is too few for the queries of the mix; 300 or more")
    world, summary = World(cities, seed), Summary(cities, seed)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        writer = Writer(file, world.sources, summary)
        for part in (
            _sources,
            _countries,
            _cities,
            _programmes,
            _networks,
            _programme_members,
            _projects,
            _pledges,
            _people,
        ):
            part(world, writer)
        writer.flush()
    summary.quads = 2 * summary.statements + summary.repeated
    text = json.dumps(asdict(summary), indent=1)
    out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return summary


def _sources(world: World, writer: Writer) -> None:
    for number in range(world.sources):
        writer.say(
            iri(f"source:g-{number}"),
            world.source(number),
            [
                (A, iri("cpo:SourceDocument")),
                (LABEL, tagged(f"Invented source {number}", "en")),
                (iri("dcterms:identifier"), f'"invented-{number}.txt"'),
                (iri("dcterms:type"), iri("v:source-web-page")),
                (iri("dcterms:language"), iri("lang:ENG")),
                (iri("cpo:textLength"), literal(2000 + number % 997, "integer")),
                (iri("cpo:textHash"), f'"{world.chance.getrandbits(256):064x}"'),
            ],
        )


def _countries(world: World, writer: Writer) -> None:
    for code, table, _, _, _, _ in COUNTRIES:
        country = iri(f"cc:{table}")
        named = [
            (A, iri("cpo:Country")),
            (A, iri("skos:Concept")),
            (LABEL, tagged(f"Country {table}", "en")),
            (iri("dcterms:identifier"), f'"{code.upper()}"'),
        ]
        writer.say(country, LISTS, named)
        for level, size in enumerate(REGIONS):
            for number in range(size):
                above = f"place:{code}-{level}-{number // 2}" if level else f"cc:{table}"
                region = [
                    (A, iri("schema:Place")),
                    (LABEL, tagged(f"Region {code.upper()}{level + 1}.{number + 1}", "en")),
                    (INSIDE, iri(above)),
                ]
                writer.say(iri(f"place:{code}-{level + 1}-{number}"), REGISTRY, region)


def _cities(world: World, writer: Writer) -> None:
    chance = world.chance
    step = max(1, world.cities // 1000)
    for number in range(world.cities):
        code, table, language, _, north, east = COUNTRIES[world.country(number)]
        place, body = world.city(number), world.city(number, "mun")
        region = chance.randrange(REGIONS[-1])
        lat, long = north + chance.uniform(-1, 1), east + chance.uniform(-1.5, 1.5)
        writer.say(
            place,
            REGISTRY,
            [
                (A, iri("cpo:City")),
                *_labels(world, number, language),
                (COUNTRY, iri(f"cc:{table}")),
                (INSIDE, iri(f"place:{code}-{len(REGIONS)}-{region}")),
            ],
        )
        source = world.source(number)
        writer.say(
            place,
            source,
            [
                (iri("wgs:lat"), literal(f"{lat:.5f}", "decimal")),
                (iri("wgs:long"), literal(f"{long:.5f}", "decimal")),
                (GEOMETRY, f'"POINT({long:.5f} {lat:.5f})"^^{WKT}'),
            ],
        )
        if number % 10 < 7:
            outside = f"<https://sws.geonames.org/{90_000_000 + number}/>"
            writer.say(place, iri("graph:links"), [(iri("owl:sameAs"), outside)])
        name = world.name(number)
        writer.say(
            body,
            REGISTRY,
            [
                (A, iri("cpo:Municipality")),
                (LABEL, tagged(f"Municipality of {name}", "en")),
                (LABEL, tagged(world.name(number, SCRIPTS.get(language, 0)), language)),
                (COUNTRY, iri(f"cc:{table}")),
                (iri("cpo:governs"), place),
                (iri("cpo:nutsRegion"), iri(f"nuts:{code.upper()}{region:03}")),
            ],
        )
        if number % step == 0:
            writer.summary.lookups += [place[1:-1], body[1:-1]]
    middle = world.cities // 2
    writer.summary.parameters |= {
        "city": world.city(middle)[1:-1],
        "country": iri(f"cc:{COUNTRIES[world.country(middle)][1]}")[1:-1],
    }


def _labels(world: World, number: int, own: str) -> Iterator[tuple[str, str]]:
    """Give the name of a city in English, in its own language and in some others."""
    others = world.chance.sample(OTHER_LANGUAGES, number % 4)
    for language in dict.fromkeys(("en", own, *others)):
        name = world.name(number, SCRIPTS.get(language, 0))
        yield LABEL, tagged(name, language)


def _programmes(world: World, writer: Writer) -> None:
    for number in range(world.programmes):
        programme = iri(f"prog:p-{number}")
        writer.say(
            programme,
            REGISTRY,
            [
                (A, iri("cpo:Programme")),
                (LABEL, tagged(f"Invented programme {number}", "en")),
                (LABEL, tagged(f"Izmišljen program {number}", "sl")),
                (iri("dcterms:subject"), iri(f"v:{THEMES[number % len(THEMES)]}")),
            ],
        )
        for edition in range(3):
            writer.say(
                iri(f"edition:p-{number}-{edition}"),
                REGISTRY,
                [
                    (A, iri("cpo:ProgrammeEdition")),
                    (LABEL, tagged(f"Invented programme {number}, edition {edition + 1}", "en")),
                    (iri("cpo:editionOf"), programme),
                ],
            )
    writer.summary.parameters |= {
        "programme-a": iri("prog:p-0")[1:-1],
        "programme-b": iri("prog:p-1")[1:-1],
    }


def _networks(world: World, writer: Writer) -> None:
    chance = world.chance
    shared: list[int] = []
    for number in range(world.networks):
        network, source = iri(f"net:n-{number}"), world.source(number * 3)
        # Few networks are big; the first two are, so that they share members at every size.
        size = (
            world.cities // 10 if number < 2 else min(400, int(8 + chance.paretovariate(1.2) * 12))
        )
        start = chance.randrange(2008, 2023)
        writer.say(
            network,
            source,
            [
                (A, iri("cpo:Network")),
                (LABEL, tagged(f"Invented network {number}", "en")),
                (LABEL, tagged(f"Išgalvotas tinklas {number}", "lt")),
                (iri("cpo:underProgramme"), iri(f"prog:p-{number % world.programmes}")),
                (iri("cpo:lifecycleStatus"), iri("v:active" if number % 3 else "v:finished")),
                (iri("dcterms:subject"), iri(f"v:{THEMES[chance.randrange(len(THEMES))]}")),
                (START, literal(start, "gYear")),
            ],
        )
        writer.say(network, INFERRED, [(EARLIEST, literal(f"{start}-01-01", "date"))])
        members = world.members(min(size, world.cities // 8), number % 5 == 4)
        if number == 0:
            shared = members[: 1 + len(members) // 8]
            world.asked = members[0]
        elif number == 1:
            members = list(dict.fromkeys([*shared, *members]))
        _list(world, writer, network, f"n-{number}", members, source)
        for member in members:
            writer.say(network, INFERRED, [(iri("cpo:memberCity"), world.city(member))])
        for which in sorted({world.country(member) for member in members}):
            country = iri(f"cc:{COUNTRIES[which][1]}")
            writer.say(network, INFERRED, [(iri("cpo:memberCountry"), country)])
        if number < 2:
            writer.summary.parameters[f"network-{'ab'[number]}"] = network[1:-1]
        if number < 500:
            writer.summary.lookups.append(network[1:-1])


def _list(
    world: World, writer: Writer, whole: str, short: str, members: list[int], source: str
) -> None:
    """Write the participations of members, the first of them as lead, some with their claims."""
    for index, member in enumerate(members):
        tie = iri(f"pa:{short}--{member}")
        body = world.city(member, "mun")
        pairs = [
            (A, iri("cpo:Participation")),
            (PARTICIPANT, body),
            (PARTICIPATION_IN, whole),
            (ROLE, iri("v:role-member" if index else "v:role-lead")),
        ]
        inferred = []
        if world.chance.random() < 0.9:
            day = world.day(2009, 2020)
            pairs.append((START, literal(day, "date")))
            inferred.append((EARLIEST, literal(day, "date")))
        if world.chance.random() < 0.4:
            day = world.day(2021, 2026)
            pairs.append((END, literal(day, "date")))
            inferred.append((LATEST, literal(day, "date")))
        writer.say(tie, source, pairs)
        writer.say(tie, INFERRED, inferred)
        if index == 0:
            writer.say(whole, INFERRED, [(iri("cpo:leadPartner"), body)])
        if index % 5 == 0:
            _claim(world, writer, f"{short}-{member}", (tie, "cpo:participant", body), source)


def _claim(
    world: World, writer: Writer, short: str, said: tuple[str, str, str], graph: str
) -> None:
    start = world.chance.randrange(1900)
    document = iri("source:" + graph[1:-1].rpartition("/")[2])
    span = iri(f"span:{short}")
    writer.say(
        span,
        graph,
        [
            (A, iri("cpo:SourceSpan")),
            (iri("cpo:inDocument"), document),
            (iri("cpo:spanStart"), literal(start, "integer")),
            (iri("cpo:spanEnd"), literal(start + 40, "integer")),
        ],
    )
    writer.say(
        iri(f"claim:{short}"),
        graph,
        [
            (A, iri("cpo:Claim")),
            (iri("cpo:claimSubject"), said[0]),
            (iri("cpo:claimProperty"), iri(said[1])),
            (iri("cpo:claimValue"), said[2]),
            (iri("cpo:certainty"), iri("v:cert-stated" if start % 5 else "v:cert-implied")),
            (iri("cpo:claimStatus"), iri("v:claim-accepted")),
            (iri("cpo:hasSpan"), span),
        ],
    )


def _programme_members(world: World, writer: Writer) -> None:
    for number in range(world.programmes):
        size = world.cities // (8 if number < 2 else 40)
        members = world.members(size, national=False)
        source = world.source(number * 7)
        _list(world, writer, iri(f"prog:p-{number}"), f"p-{number}", members, source)


def _projects(world: World, writer: Writer) -> None:
    chance = world.chance
    for number in range(world.projects):
        project, source = iri(f"project:x-{number}"), world.source(number * 5)
        programme = chance.randrange(world.programmes)
        start, end = world.day(2012, 2020), world.day(2021, 2027)
        writer.say(
            project,
            source,
            [
                (A, iri("cpo:Project")),
                (LABEL, tagged(f"Invented project {number}", "en")),
                (iri("cpo:underEdition"), iri(f"edition:p-{programme}-{chance.randrange(3)}")),
                (iri("cpo:underProgramme"), iri(f"prog:p-{programme}")),
                (iri("dcterms:subject"), iri(f"v:{THEMES[chance.randrange(len(THEMES))]}")),
                (START, literal(start, "date")),
                (END, literal(end, "date")),
            ],
        )
        days = [(EARLIEST, literal(start, "date")), (LATEST, literal(end, "date"))]
        writer.say(project, INFERRED, days)
        members = world.members(chance.randrange(4, 9), national=False)
        if number == 0:  # the municipality that the mix asks about is in a network and a project
            members = list(dict.fromkeys([world.asked, *members]))
            writer.summary.parameters["municipality"] = world.city(world.asked, "mun")[1:-1]
        _list(world, writer, project, f"x-{number}", members, source)


def _pledges(world: World, writer: Writer) -> None:
    chance = world.chance
    for number in range(world.pledges):
        pledge, source = iri(f"pledge:q-{number}"), world.source(number * 11)
        writer.say(
            pledge,
            source,
            [
                (A, iri("cpo:Pledge")),
                (LABEL, tagged(f"Invented pledge {number}", "en")),
                (LABEL, tagged(f"Επινοημένη δέσμευση {number}", "el")),
                (iri("cpo:underProgramme"), iri(f"prog:p-{number % world.programmes}")),
                (iri("cpo:bindingForce"), iri("v:force-pledge")),
                (iri("cpo:motive"), tagged("an invented motive", "en")),
            ],
        )
        for part in range(3):
            writer.say(
                iri(f"undertaking:q-{number}-{part}"),
                source,
                [
                    (A, iri("cpo:Undertaking")),
                    (LABEL, tagged(f"Invented duty {number}.{part + 1}", "en")),
                    (iri("schema:position"), literal(part + 1, "integer")),
                    (iri("cpo:undertakingOf"), pledge),
                ],
            )
        for part in range(1 + number % 2):
            _target(world, writer, (number, part), pledge, source)
        for member in world.members(int(6 + chance.paretovariate(1.5) * 6), national=False):
            _signature(world, writer, (number, member), pledge, source)
    writer.summary.parameters["pledge"] = iri("pledge:q-1")[1:-1]


def _target(world: World, writer: Writer, key: tuple[int, int], pledge: str, source: str) -> None:
    number, part = key
    year = (2030, 2035, 2040, 2050)[world.chance.randrange(4)]
    writer.say(
        iri(f"target:q-{number}-{part}"),
        source,
        [
            (A, iri("cpo:Target")),
            (LABEL, tagged(f"Invented target {number}.{part + 1}", "en")),
            (iri("cpo:targetOf"), pledge),
            (iri("cpo:targetYear"), literal(year, "gYear")),
            (iri("cpo:outcome"), iri(f"v:{THEMES[number % 2]}")),
            (iri("cpo:metric"), iri("v:emissions-cut")),
            (iri("cpo:targetValue"), literal(30 + world.chance.randrange(71), "decimal")),
        ],
    )


def _signature(
    world: World, writer: Writer, key: tuple[int, int], pledge: str, source: str
) -> None:
    number, member = key
    signature, day = iri(f"signature:q-{number}-{member}"), world.day(2015, 2025)
    pairs = [
        (A, iri("cpo:Signature")),
        (iri("cpo:signs"), pledge),
        (iri("cpo:signatory"), world.city(member, "mun")),
        (iri("cpo:date"), literal(day, "date")),
    ]
    if member % 2:
        person = world.chance.randrange(world.people)
        pairs.append((iri("cpo:signedByPerson"), iri(f"person:h-{person}")))
    writer.say(signature, source, pairs)
    days = [(EARLIEST, literal(day, "date")), (LATEST, literal(day, "date"))]
    writer.say(signature, INFERRED, days)


def _people(world: World, writer: Writer) -> None:
    chance = world.chance
    for number in range(world.people):
        person = iri(f"person:h-{number}")
        writer.say(
            person,
            REGISTRY,
            [
                (A, iri("foaf:Person")),
                (LABEL, tagged(f"Person {number}", "en")),
                (iri("cpo:publicationBasis"), iri("v:basis-elected")),
            ],
        )
        home = world.city(chance.randrange(world.cities), "mun")
        _role(world, writer, f"h-{number}-0", person, ("v:role-mayor", home))
        networks = chance.sample(range(world.networks), 3 if number % 40 == 0 else number % 2)
        for index, network in enumerate(networks, start=1):
            post = ("v:role-coordinator", iri(f"net:n-{network}"))
            _role(world, writer, f"h-{number}-{index}", person, post)
        if number < 500:
            writer.summary.lookups.append(person[1:-1])


def _role(world: World, writer: Writer, short: str, person: str, post: tuple[str, str]) -> None:
    day = world.day(2010, 2024)
    writer.say(
        iri(f"role:{short}"),
        world.source(world.chance.randrange(world.sources)),
        [
            (A, iri("cpo:RoleHolding")),
            (iri("cpo:holder"), person),
            (ROLE, iri(post[0])),
            (iri("cpo:roleIn"), post[1]),
            (START, literal(day, "date")),
        ],
    )
    writer.say(iri(f"role:{short}"), INFERRED, [(EARLIEST, literal(day, "date"))])


def main() -> None:
    """Read the command line and write a dataset."""
    parser = argparse.ArgumentParser(description="Write an invented dataset as N-Quads.")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--cities", type=int, help="number of cities, 300 or more")
    size.add_argument("--size", choices=SIZES, help="about 100 thousand, 1 or 10 million quads")
    parser.add_argument("--out", type=Path, required=True, help="the file of N-Quads to write")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    try:
        summary = generate(given.out, given.cities or SIZES[given.size], given.seed)
    except (ValueError, OSError) as error:
        sys.exit(f"generate: {error}")
    sys.stderr.write(
        f"{given.out}: {summary.quads} quads, {summary.statements} statements, "
        f"{summary.repeated} of them in two named graphs\n"
    )


if __name__ == "__main__":
    main()
