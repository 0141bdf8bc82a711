"""Make a whole dataset folder of invented content, as curators keep one, with no finding at all.

    python benchmarks/curated.py --size s10k --out folder
    python benchmarks/curated.py --size s100k --out folder --faults 7

Ontology, shapes and queries are those of the project; `data/` is invented: cities, municipalities,
networks, projects, pledges, people and the claims of their sources, in the house style and in many
files, each as long as one that a curator has. `kg check` finds nothing in it. The same arguments
give the same bytes, and memory does not grow with the size: a source is made from its number and
the seed alone.

With `--faults SEED` known mistakes are put in after that (`faults.py`), and `expected.csv` in the
folder says which rule has to answer at which file, line and column.
"""

import argparse
import random
import shutil
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

import faults
import pyoxigraph as ox
from generate import COUNTRIES, SCRIPTS, SYLLABLES

from kg.namespaces import GRAPH, PREFIXES, REF, SKOS

ROOT: Final = Path(__file__).resolve().parent.parent
SIZES: Final = {"s10k": 9, "s100k": 102, "m1m": 1_020}  # sources
CITIES_PER_SOURCE: Final = 5
PEOPLE_PER_SOURCE: Final = 5
PROGRAMMES: Final = 12
EDITIONS: Final = 3
IN_A_FILE: Final = 300  # entities of the registry in one file
MOST_RULINGS: Final = 300
MOST_LINKS: Final = 1_500
WIDTH: Final = 100
THEMES: Final = ("climate-neutrality", "inclusion", "regeneration", "healthy-city")
# Codes of the EU list of languages, by the tag of the language.
LANGUAGES: Final = {
    "bg": "BUL", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA",
    "et": "EST", "fi": "FIN", "fr": "FRA", "hr": "HRV", "hu": "HUN", "it": "ITA", "lt": "LIT",
    "lv": "LAV", "mt": "MLT", "nl": "NLD", "pl": "POL", "pt": "POR", "ro": "RON", "sk": "SLK",
    "sl": "SLV", "sv": "SWE",
}  # fmt: skip

Pairs = Sequence[tuple[str, str | Sequence[str]]]


@dataclass
class Summary:
    """What was written.

    Attributes:
        files: Number of files under `data/`.
        statements: In them together.
        lines: Of the longest.
    """

    files: int = 0
    statements: int = 0
    lines: int = 0


@dataclass(frozen=True)
class Country:
    """A country as the project's list has it.

    Attributes:
        code: In our names.
        table: In the EU list.
        language: The tag of its language.
        nuts: The letters of its regions.
        box: West, south, east and north bound.
    """

    code: str
    table: str
    language: str
    nuts: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Body:
    """A city and the municipality that governs it.

    Attributes:
        number: From 0 on.
        country: Where it lies.
    """

    number: int
    country: Country

    @property
    def local(self) -> str:
        """The local part of both names."""
        return f"{self.country.code}-{self.number}"

    @property
    def municipality(self) -> str:
        """The name of the municipality."""
        return f"mun:{self.local}"

    def called(self, script: int = 0) -> str:
        """Return how the city is called in the Latin (0), Greek (1) or Cyrillic (2) script."""
        mixed = self.number * 7919 + 4111
        parts = (SYLLABLES[mixed // 20**place % 20][script] for place in range(3))
        return "".join(parts).capitalize()


class TurtleFile:
    """A file in the house style, written when it is whole."""

    def __init__(self, path: Path, *comments: str) -> None:
        self.path = path
        self.comments = comments
        self.parts: list[str] = []
        self.prefixes: set[str] = set()
        self.statements = 0

    def headline(self, words: str) -> None:
        """Write a comment before the blocks that follow."""
        self.parts.append(f"# --- {words}")

    def block(self, subject: str, pairs: Pairs) -> None:
        """Write what is said of one subject."""
        self._note(subject)
        lines = []
        for name, given in pairs:
            values = [given] if isinstance(given, str) else list(given)
            self.statements += len(values)
            for term in (name, *values):
                self._note(term)
            line = f"    {name} {' , '.join(values)}"
            if len(values) > 1 and len(line) > WIDTH - 2:
                line = f"    {name}\n        " + " ,\n        ".join(values)
            lines.append(line)
        self.parts.append(f"{subject}\n" + " ;\n".join(lines) + " .")

    def _note(self, term: str) -> None:
        if term.startswith('"'):
            _, typed, term = term.rpartition("^^")
            if not typed:
                return
        name, colon, _ = term.partition(":")
        if colon and not term.startswith("<"):
            self.prefixes.add(name)

    def write(self, summary: Summary) -> None:
        """Write the file and count it; a file without a block is not written."""
        if not self.parts:
            return
        head = [*(f"#{' ' if words else ''}{words}" for words in self.comments)]
        head += [f"@prefix {name}: <{PREFIXES[name]}> ." for name in sorted(self.prefixes)]
        text = "\n".join(head) + "\n\n" + "\n\n".join(self.parts) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text, encoding="utf-8")
        summary.files += 1
        summary.statements += self.statements
        summary.lines = max(summary.lines, text.count("\n"))


@dataclass(frozen=True)
class World:
    """What the invented world has, by numbers: nothing of it is kept.

    Attributes:
        sources: How many there are.
        seed: Of the random numbers.
        countries: Those of the project's list.
        starts: The number of the first city of each country.
    """

    sources: int
    seed: int
    countries: tuple[Country, ...]
    starts: tuple[int, ...] = field(repr=False)

    @property
    def cities(self) -> int:
        """How many cities there are."""
        return self.starts[-1]

    def body(self, number: int) -> Body:
        """Return a city by its number."""
        return Body(number, self.countries[bisect_right(self.starts, number) - 1])

    def chance(self, what: str, number: int) -> random.Random:
        """Return the random numbers for one thing, which do not depend on any other."""
        return random.Random(f"{self.seed} {what} {number}")  # noqa: S311 - not for secrets


def world_of(sources: int, seed: int) -> World:
    """Return a world of some sources.

    Raises:
        ValueError: There are fewer than four sources.
    """
    if sources < 4:
        raise ValueError(f"--sources: {sources} is too few; 4 or more")
    facts: dict[str, dict[str, str]] = {}
    listed = (ROOT / "ontology/lists/countries.ttl").read_bytes()
    for quad in ox.parse(listed, format=ox.RdfFormat.TURTLE):
        if isinstance(quad.object, ox.Literal):
            told = facts.setdefault(quad.subject.value, {})
            told[quad.predicate.value] = quad.object.value
    countries = []
    for code, table, language, *_ in COUNTRIES:
        told = facts[PREFIXES["cc"] + table]
        west, south, east, north = (float(told[REF + side]) for side in _SIDES)
        letters = told[SKOS + "notation"]
        countries.append(Country(code, table, language, letters, (west, south, east, north)))
    shares = list(accumulate(country[3] for country in COUNTRIES))
    cities = max(150, CITIES_PER_SOURCE * sources)
    starts = (0, *(cities * share // shares[-1] for share in shares))
    return World(sources, seed, tuple(countries), starts)


_SIDES: Final = ("west", "south", "east", "north")


def make(out: Path, sources: int, seed: int = 1) -> Summary:
    """Write a dataset folder to `out`, which must not exist or be empty.

    Args:
        out: The folder.
        sources: How many sources it has; about 980 statements come with each.
        seed: Another seed gives another world of the same shape.

    Raises:
        ValueError: There are fewer than four sources.
        FileExistsError: The folder has something in it.
    """
    world = world_of(sources, seed)
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} has something in it; name a new folder")
    out.mkdir(parents=True, exist_ok=True)
    for folder in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / folder, out / folder)
    summary = Summary()
    for file in _registry(world, out / "data" / "registry"):
        file.write(summary)
    for file in _gazetteers(world, out / "data" / "sources"):
        file.write(summary)
    for number in range(world.sources):
        for file in Source(world, number, out / "data" / "sources").files():
            file.write(summary)
    for file in (_links(world, out / "data"), _decisions(world, out / "data")):
        file.write(summary)
    text = (ROOT / "data/dataset.ttl").read_text(encoding="utf-8")
    (out / "data/dataset.ttl").write_text(text, encoding="utf-8")
    summary.files += 1
    summary.statements += sum(1 for _ in ox.parse(text, format=ox.RdfFormat.TURTLE))
    return summary


# --- Registry


def _registry(world: World, folder: Path) -> Iterator[TurtleFile]:
    for which, country in enumerate(world.countries):
        numbers = range(world.starts[which], world.starts[which + 1])
        for part, name in _parted(numbers, country.code):
            file = TurtleFile(folder / "city" / name, f"Invented cities, {country.table}.")
            for number in part:
                _city(file, Body(number, country))
            yield file
            file = TurtleFile(folder / "municipality" / name, f"Invented bodies, {country.table}.")
            for number in part:
                _municipality(world, file, Body(number, country))
            yield file
    for part, name in _parted(range(world.sources), "invented"):
        file = TurtleFile(folder / "network" / name, "Invented networks.")
        for number in part:
            for index in range(2):
                _network_entry(world, file, number, index)
        yield file
    for part, name in _parted(range(world.sources * PEOPLE_PER_SOURCE), "people"):
        file = TurtleFile(folder / "person" / name, "Invented people, shown for a public role.")
        for number in part:
            labels = (f'"Invented person {number}"@en', f'"Išgalvotas asmuo {number}"@lt')
            pairs = [("a", "foaf:Person"), ("skos:prefLabel", labels)]
            file.block(person(number), [*pairs, ("cpo:publicationBasis", "v:basis-elected")])
        yield file
    yield from _programmes(folder)


def _parted(numbers: range, name: str) -> Iterator[tuple[range, str]]:
    """Cut numbers into parts that fit into a file; give each part with the file's name."""
    for start in range(0, len(numbers), IN_A_FILE):
        ending = f"-{start // IN_A_FILE + 1}" if start else ""
        yield numbers[start : start + IN_A_FILE], f"{name}{ending}.ttl"


def _city(file: TurtleFile, body: Body) -> None:
    own = body.country.language
    labels = [f'"{body.called(SCRIPTS.get(own, 0))}"@{own}']
    if own != "en":
        labels.append(f'"{body.called()}"@en')
    if body.number % 3 == 0:
        labels.append(f'"{body.called()}as"@lt')
        labels = labels if own != "lt" else labels[:-1]
    file.block(
        f"city:{body.local}",
        [
            ("a", "cpo:City"),
            ("skos:prefLabel", labels),
            ("cpo:country", f"cc:{body.country.table}"),
        ],
    )


def _municipality(world: World, file: TurtleFile, body: Body) -> None:
    region = world.chance("region", body.number).randrange(1, 90)
    file.block(
        body.municipality,
        [
            ("a", "cpo:Municipality"),
            ("skos:prefLabel", f'"Municipality of {body.called()}"@en'),
            ("skos:altLabel", f'"City Hall of {body.called()}"@en'),
            ("cpo:country", f"cc:{body.country.table}"),
            ("cpo:governs", f"city:{body.local}"),
            ("cpo:nutsRegion", f"nuts:{body.country.nuts}{region:03}"),
        ],
    )


def _network_entry(world: World, file: TurtleFile, number: int, index: int) -> None:
    country = world.countries[number % len(world.countries)]
    labels = (
        f'"Invented network {number}.{index + 1}"@en',
        f'"Išgalvotas tinklas {number}.{index + 1}"@lt',
    )
    kind = ("v:kind-national", "v:kind-transfer")[index]
    pairs: Pairs = [("a", "cpo:Network"), ("skos:prefLabel", labels), ("dcterms:type", kind)]
    file.block(network(number, index), [*pairs, ("cpo:country", f"cc:{country.table}")])


def _programmes(folder: Path) -> Iterator[TurtleFile]:
    programmes = TurtleFile(folder / "programme" / "eu.ttl", "Invented programmes.")
    editions = TurtleFile(folder / "edition" / "eu.ttl", "Periods of the invented programmes.")
    for number in range(PROGRAMMES):
        labels = f'"Invented programme {number}"@en', f'"Izmišljen program {number}"@sl'
        subject = f"v:{THEMES[number % len(THEMES)]}"
        pairs = [("a", "cpo:Programme"), ("skos:prefLabel", labels), ("dcterms:subject", subject)]
        programmes.block(f"prog:p-{number}", pairs)
        for edition in range(EDITIONS):
            label = f'"Invented programme {number}, edition {edition + 1}"@en'
            pairs = [("a", "cpo:ProgrammeEdition"), ("skos:prefLabel", label)]
            editions.block(
                f"edition:p-{number}-{edition}", [*pairs, ("cpo:editionOf", f"prog:p-{number}")]
            )
    funds = TurtleFile(folder / "fund" / "eu.ttl", "Invented funds.")
    bodies = TurtleFile(folder / "organisation" / "international.ttl", "Bodies.")
    for number in range(4):
        funds.block(
            f"fund:f-{number}",
            [("a", "cpo:Fund"), ("skos:prefLabel", f'"Invented fund {number}"@en')],
        )
        bodies.block(
            f"organisation:o-{number}",
            [("a", "org:Organization"), ("skos:prefLabel", f'"Invented board {number}"@en')],
        )
    label = '"Curators of the invented dataset"@en'
    bodies.block(
        "organisation:citypledge-curators", [("a", "org:Organization"), ("skos:prefLabel", label)]
    )
    yield from (programmes, editions, funds, bodies)


def network(number: int, index: int) -> str:
    """Return the name of a network of a source."""
    return f"net:n-{number}-{index}"


def person(number: int) -> str:
    """Return the name of a person."""
    return f"person:p-{number + 1:04}"


# --- Sources


def _gazetteers(world: World, folder: Path) -> Iterator[TurtleFile]:
    """Yield a gazetteer for each country: a page that gives the position of its cities."""
    for which, country in enumerate(world.countries):
        name = f"gazetteer-{country.code}"
        file = TurtleFile(folder / f"{name}.ttl", f"Invented gazetteer, {country.table}.")
        file.headline("The source itself")
        file.block(
            f"source:{name}",
            [
                ("a", "cpo:WebPage"),
                ("skos:prefLabel", f'"Invented gazetteer of {country.table}"@en'),
                ("dcterms:language", f"lang:{LANGUAGES[country.language]}"),
                ("pav:retrievedFrom", f"<https://gazetteer.example.org/{country.code}>"),
            ],
        )
        file.headline("Places")
        west, south, east, north = country.box
        for number in range(world.starts[which], world.starts[which + 1]):
            chance = world.chance("point", number)
            lat = south + (north - south) * chance.uniform(0.1, 0.9)
            long = west + (east - west) * chance.uniform(0.1, 0.9)
            file.block(
                f"city:{Body(number, country).local}",
                [("wgs:lat", f"{lat:.5f}"), ("wgs:long", f"{long:.5f}")],
            )
        yield file


def start_of(world: World, number: int, index: int) -> str:
    """Return the day on which a network of a source starts."""
    chance = world.chance("start", 2 * number + index)
    return (
        f"{chance.randrange(2008, 2019)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    )


def is_disputed(world: World, number: int) -> bool:
    """Tell whether a source gives another start of a network of the source before it."""
    return number % 4 == 3 and number // 4 < MOST_RULINGS and number < world.sources


class Source:
    """What one invented source says, and where it says so."""

    def __init__(self, world: World, number: int, folder: Path) -> None:
        self.world = world
        self.number = number
        self.name = f"g-{number}"
        self.chance = world.chance("source", number)
        self.country = world.countries[number % len(world.countries)]
        # Most sources are short, a few are long.
        self.size = (8, 6, 11, 7, 9, 26, 5, 10)[number % 8]
        self.length = self.chance.randrange(4_000, 9_000)
        self.file = TurtleFile(
            folder / f"{self.name}.ttl",
            f"Invented page {number} about networks and pledges.",
            "",
            f"What this source says. Where in its text: {self.name}.claims.ttl.",
        )
        self.claims = TurtleFile(
            folder / f"{self.name}.claims.ttl",
            f"Where {self.name} says what {self.name}.ttl states: one span of its text for each "
            "fact, and the claims.",
            "Characters are Unicode code points, counted from 0.",
        )
        self.claimed = 0

    def files(self) -> tuple[TurtleFile, TurtleFile]:
        """Return the file of the source and that of its claims."""
        self._itself()
        self._people()
        self.file.headline("Networks")
        for index in range(2):
            self._network(index)
        self._dispute()
        self.file.headline("Projects")
        self._project()
        self.file.headline("Pledges")
        self._pledge()
        self.file.headline("Events, goals and activities")
        self._rest()
        return self.file, self.claims

    def _itself(self) -> None:
        self.file.headline("The source itself")
        self.file.block(
            f"source:{self.name}",
            [
                ("a", "cpo:SourceDocument"),
                ("skos:prefLabel", f'"Invented page {self.number}"@en'),
                ("dcterms:type", "v:source-web-page"),
                ("dcterms:identifier", f'"invented-{self.number}.txt"'),
                ("dcterms:language", f"lang:{LANGUAGES[self.country.language]}"),
                ("cpo:textLength", str(self.length)),
                ("cpo:textHash", f'"{self.chance.getrandbits(256):064x}"'),
                ("pav:retrievedFrom", f"<https://pages.example.org/{self.number}/>"),
            ],
        )

    def _people(self) -> None:
        self.file.headline("Public roles")
        self.homes = [
            self.world.body(number)
            for number in self.chance.sample(range(self.world.cities), PEOPLE_PER_SOURCE)
        ]
        for index, home in enumerate(self.homes):
            self.file.block(
                f"role:ro-{self.number}-{index}",
                [
                    ("a", "cpo:RoleHolding"),
                    ("cpo:holder", person(self.number * PEOPLE_PER_SOURCE + index)),
                    ("cpo:role", "v:role-mayor"),
                    ("cpo:roleIn", home.municipality),
                    ("cpo:startDate", f'"{2010 + index}-03-0{index + 1}"^^xsd:date'),
                    ("cpo:endDate", f'"{2019 + index}"^^xsd:gYear'),
                ],
            )

    def _network(self, index: int) -> None:
        thing, start = network(self.number, index), start_of(self.world, self.number, index)
        year, programme = int(start[:4]), self.chance.randrange(PROGRAMMES)
        members = self._members(self.size if index else self.size // 2 + 2)
        end = f"{year + 6}-12-31"
        pairs: list[tuple[str, str | Sequence[str]]] = [
            ("cpo:underEdition", f"edition:p-{programme}-{self.chance.randrange(EDITIONS)}"),
            ("cpo:underProgramme", f"prog:p-{programme}"),
            ("cpo:lifecycleStatus", "v:finished"),
            ("dcterms:subject", f"v:{THEMES[self.chance.randrange(len(THEMES))]}"),
            ("cpo:startDate", f'"{start}"^^xsd:date'),
            ("cpo:endDate", f'"{end}"^^xsd:date'),
            ("cpo:leadPartner", members[0].municipality),
            ("cpo:nameForm", f"name:n-{self.number}-{index}"),
        ]
        if not index:
            pairs.append(("cpo:memberListComplete", "true"))
        self.file.block(thing, pairs)
        self._claim(thing, "cpo:startDate", f'"{start}"^^xsd:date')
        self._claim(thing, "cpo:endDate", f'"{end}"^^xsd:date')
        self.file.block(
            f"name:n-{self.number}-{index}",
            [
                ("a", "cpo:NameForm"),
                ("skosxl:literalForm", f'"NETWORK {self.number}.{index + 1}"'),
                ("cpo:nameKind", "v:name-upper"),
            ],
        )
        self.file.block(
            f"figure:fi-{self.number}-{index}",
            [
                ("a", "cpo:ReportedFigure"),
                ("cpo:figureAbout", thing),
                ("cpo:counts", "v:count-cities" if index else "v:count-partners"),
                ("cpo:figureValue", f"{len(members) + 3 * index}.0"),
                ("cpo:asOf", f'"{year + 2}-05"^^xsd:gYearMonth'),
            ],
        )
        for part in range(2):
            self.file.block(
                f"phase:ph-{self.number}-{index}-{part + 1}",
                [
                    ("a", "cpo:Phase"),
                    ("schema:position", str(part + 1)),
                    ("cpo:phaseOf", thing),
                    ("cpo:startDate", f'"{year + 1 + 2 * part}-01-01"^^xsd:date'),
                    ("cpo:endDate", f'"{year + 2 + 2 * part}-12-31"^^xsd:date'),
                ],
            )
        self.file.block(
            f"dec:d-{self.number}-{index}",
            [
                ("a", "cpo:Decision"),
                ("skos:prefLabel", f'"Approval of network {self.number}.{index + 1}"@en'),
                ("cpo:decidedBy", f"organisation:o-{self.chance.randrange(4)}"),
                ("cpo:date", f'"{year - 1}-11-20"^^xsd:date'),
                ("cpo:approves", thing),
            ],
        )
        self._participations(thing, f"n-{self.number}-{index}", members, year)

    def _members(self, size: int) -> list[Body]:
        numbers = self.chance.sample(range(self.world.cities), size)
        return [self.world.body(number) for number in numbers]

    def _participations(self, thing: str, short: str, members: list[Body], year: int) -> None:
        for index, member in enumerate(members):
            tie = f"pa:{short}--{member.local}"
            joined = (
                f'"{year + 1}-04-{1 + index % 28:02}"^^xsd:date',
                f'"{year + 1}-0{1 + index % 9}"^^xsd:gYearMonth',
                f'"{year + 1}"^^xsd:gYear',
            )[index % 3]
            pairs: list[tuple[str, str | Sequence[str]]] = [
                ("a", "cpo:Participation"),
                ("cpo:participant", member.municipality),
                ("cpo:participationIn", thing),
                ("cpo:role", "v:role-partner" if index else "v:role-lead"),
                ("cpo:startDate", joined),
            ]
            if index % 4 == 3:
                pairs.append(("cpo:endDate", f'"{year + 5}"^^xsd:gYear'))
            self.file.block(tie, pairs)
            if index % 2 == 0:
                self._claim(tie, "cpo:participant", member.municipality)
                self._claim(tie, "cpo:startDate", joined)

    def _claim(
        self, subject: str, name: str, value: str, status: str = "accepted", *other: str
    ) -> str:
        self.claimed += 1
        short = f"{self.name}-{self.claimed:03}"
        start = self.chance.randrange(self.length - 60)
        self.claims.block(
            f"span:{short}",
            [
                ("a", "cpo:SourceSpan"),
                ("cpo:inDocument", f"source:{self.name}"),
                ("cpo:spanStart", str(start)),
                ("cpo:spanEnd", str(start + self.chance.randrange(5, 60))),
                ("cpo:spanHash", f'"{self.chance.getrandbits(256):064x}"'),
            ],
        )
        self.claims.block(
            f"claim:{short}",
            [
                ("a", "cpo:Claim"),
                ("cpo:claimSubject", subject),
                ("cpo:claimProperty", name),
                ("cpo:claimValue", value),
                ("cpo:certainty", "v:cert-implied" if self.claimed % 5 == 0 else "v:cert-stated"),
                ("cpo:claimStatus", f"v:claim-{status}"),
                ("cpo:hasSpan", f"span:{short}"),
                *(("cpo:conflictsWith", each) for each in other),
            ],
        )
        return f"claim:{short}"

    def _dispute(self) -> None:
        if not is_disputed(self.world, self.number):
            return
        thing = network(self.number - 1, 0)
        value = f'"{rejected_start(self.world, self.number)}"^^xsd:gYear'
        self.file.block(thing, [("cpo:startDate", value)])
        # The first claim of a source is on the start of its first network.
        self._claim(thing, "cpo:startDate", value, "rejected", f"claim:g-{self.number - 1}-001")

    def _project(self) -> None:
        thing, programme = f"project:x-{self.number}", self.chance.randrange(PROGRAMMES)
        year = self.chance.randrange(2012, 2020)
        members = self._members(self.size // 2 + 3)
        start, end = f'"{year}-02"^^xsd:gYearMonth', f'"{year + 6}-06-30"^^xsd:date'
        self.file.block(
            thing,
            [
                ("a", "cpo:Project"),
                ("skos:prefLabel", f'"Invented project {self.number}"@en'),
                ("cpo:underProgramme", f"prog:p-{programme}"),
                ("cpo:startDate", start),
                ("cpo:endDate", end),
                ("cpo:leadPartner", members[0].municipality),
            ],
        )
        self._claim(thing, "cpo:startDate", start)
        self._claim(thing, "cpo:endDate", end)
        self.file.block(
            f"funding:fa-{self.number}",
            [
                ("a", "cpo:FundingArrangement"),
                ("dcterms:type", "v:co-financing"),
                ("cpo:fundedThing", thing),
                ("cpo:fromFund", f"fund:f-{self.chance.randrange(4)}"),
                ("cpo:amount", f"{self.chance.randrange(20, 900) * 1000}.0"),
                ("cpo:currency", "cur:EUR"),
            ],
        )
        self.file.block(
            f"figure:fi-{self.number}-2",
            [
                ("a", "cpo:ReportedFigure"),
                ("cpo:figureAbout", thing),
                ("cpo:counts", "v:share-newcomers"),
                ("cpo:figureValue", f"{self.chance.randrange(5, 95)}.5"),
                ("cpo:asOf", f'"{year + 1}"^^xsd:gYear'),
            ],
        )
        self._participations(thing, f"x-{self.number}", members, year)

    def _pledge(self) -> None:
        pledge, short = f"pledge:q-{self.number}", f"q-{self.number}"
        signed = self.chance.randrange(2015, 2024)
        labels = f'"Invented pledge {self.number}"@en', f'"Επινοημένη δέσμευση {self.number}"@el'
        self.file.block(
            pledge,
            [
                ("a", "cpo:Pledge"),
                ("skos:prefLabel", labels),
                ("cpo:bindingForce", "v:force-pledge"),
                ("cpo:motive", '"an invented motive"@en'),
            ],
        )
        for part in range(1, 4):
            self.file.block(
                f"undertaking:{short}-{part}",
                [
                    ("a", "cpo:Undertaking"),
                    ("skos:prefLabel", f'"Invented duty {self.number}.{part}"@en'),
                    ("schema:position", str(part)),
                    ("cpo:undertakingOf", pledge),
                    ("cpo:deadline", f'"{signed + 3 + part}"^^xsd:gYear'),
                ],
            )
            self.file.block(
                f"progress:pr-{self.number}-{part}",
                [
                    ("a", "cpo:ProgressReport"),
                    ("cpo:reportsOn", f"undertaking:{short}-{part}"),
                    ("cpo:progressStatus", "v:progress-under-way"),
                    ("cpo:date", f'"{signed + 1}-0{part}"^^xsd:gYearMonth'),
                    ("dcterms:source", f"source:{self.name}"),
                ],
            )
        for part in range(1, 4):
            self.file.block(
                f"target:{short}-{part}",
                [
                    ("a", "cpo:Target"),
                    ("skos:prefLabel", f'"Invented target {self.number}.{part}"@en'),
                    ("cpo:targetOf", pledge),
                    ("cpo:baseYear", f'"{signed - 5}"^^xsd:gYear'),
                    ("cpo:targetYear", f'"{2025 + 5 * part}"^^xsd:gYear'),
                    ("cpo:outcome", f"v:{THEMES[part]}"),
                    ("cpo:metric", "v:emissions-cut"),
                    ("cpo:comparison", "v:at-least"),
                    ("cpo:targetValue", f"{30 + self.chance.randrange(60)}.0"),
                    ("cpo:bindingForce", "v:force-pledge"),
                ],
            )
        for index, home in enumerate(self.homes):
            signature = f"signature:sg-{self.number}-{index}"
            day = f'"{signed}-06-1{index}"^^xsd:date'
            self.file.block(
                signature,
                [
                    ("a", "cpo:Signature"),
                    ("cpo:signs", pledge),
                    ("cpo:signatory", home.municipality),
                    ("cpo:signedByPerson", person(self.number * PEOPLE_PER_SOURCE + index)),
                    ("cpo:date", day),
                ],
            )
            self._claim(signature, "cpo:signatory", home.municipality)
            self._claim(signature, "cpo:date", day)

    def _rest(self) -> None:
        thing = network(self.number, 1)
        for part in range(1, 4):
            self.file.block(
                f"event:e-{self.number}-{part}",
                [
                    ("a", "cpo:Event"),
                    ("skos:prefLabel", f'"Invented meeting {self.number}.{part}"@en'),
                    ("dcterms:type", "v:event-meeting"),
                    ("cpo:date", f'"201{part}-09-0{part}"^^xsd:date'),
                    ("schema:location", f"city:{self.homes[part].local}"),
                ],
            )
            self.file.block(
                f"goal:g-{self.number}-{part}",
                [
                    ("a", "cpo:Goal"),
                    ("skos:prefLabel", f'"Invented goal {self.number}.{part}"@en'),
                    ("cpo:goalOf", thing),
                ],
            )
            self.file.block(
                f"activity:a-{self.number}-{part}",
                [
                    ("a", "cpo:Activity"),
                    ("skos:prefLabel", f'"Išgalvota veikla {self.number}.{part}"@lt'),
                    ("skos:altLabel", f'"Invented activity {self.number}.{part}"@en'),
                    ("cpo:activityOf", thing),
                ],
            )


def rejected_start(world: World, number: int) -> int:
    """Return the year that a source gives for a start and that a ruling rejects."""
    return int(start_of(world, number - 1, 0)[:4]) - 1


# --- Links and rulings


def _links(world: World, folder: Path) -> TurtleFile:
    file = TurtleFile(folder / "links.ttl", "Invented identity links to the outside.")
    step = max(3, -(-world.cities // MOST_LINKS))
    for number in range(0, world.cities, step):
        place = f"<https://sws.geonames.org/{90_000_000 + number}/>"
        file.block(f"city:{world.body(number).local}", [("owl:sameAs", place)])
    return file


def _decisions(world: World, folder: Path) -> TurtleFile:
    file = TurtleFile(folder / "decisions.ttl", "Rulings on what the invented sources dispute.")
    for number in filter(lambda each: is_disputed(world, each), range(world.sources)):
        file.block(
            f"ruling:ru-{number // 4 + 1:04}",
            [
                ("a", "cpo:Ruling"),
                ("cpo:decidesSubject", network(number - 1, 0)),
                ("cpo:decidesProperty", "cpo:startDate"),
                ("cpo:acceptedValue", f'"{start_of(world, number - 1, 0)}"^^xsd:date'),
                ("cpo:rejectedValue", f'"{rejected_start(world, number)}"^^xsd:gYear'),
                ("cpo:rejectedGraph", f"<{GRAPH}source/g-{number}>"),
                ("rdfs:comment", '"The page of the network itself is followed."@en'),
                ("dcterms:date", '"2026-11-22"^^xsd:date'),
                ("prov:wasAttributedTo", "organisation:citypledge-curators"),
            ],
        )
    return file


def main() -> None:
    """Read the command line and write a dataset."""
    parser = argparse.ArgumentParser(description="Write an invented dataset folder.")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--sources", type=int, help="number of sources, 4 or more")
    size.add_argument(
        "--size", choices=SIZES, help="about 10, 100 thousand or 1 million statements"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, metavar="SEED", help="put known mistakes in")
    parser.add_argument(
        "--unreadable", action="store_true", help="mistakes that keep files from being read"
    )
    given = parser.parse_args()
    try:
        summary = make(given.out, given.sources or SIZES[given.size], given.seed)
        kinds = faults.SYNTAX_KINDS if given.unreadable else faults.GRAPH_KINDS
        if given.faults is not None:
            faults.inject(given.out, kinds.items(), given.faults)
    except (LookupError, ValueError, OSError) as error:
        sys.exit(f"curated: {error}")
    sys.stderr.write(
        f"{given.out}: {summary.statements} statements in {summary.files} files, the longest of "
        f"{summary.lines} lines\n"
    )


if __name__ == "__main__":
    main()
