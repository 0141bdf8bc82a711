"""A small graph to import into, and the command as people call it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import kg

_PREFIXES = """\
@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .
@prefix net: <https://w3id.org/citypledge/id/network/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#> .

"""
_CITIES = """\
city:lt-vilnius a cpo:City ; skos:prefLabel "Vilnius"@en ; cpo:country cc:LTU ;
    wgs:lat 54.69 ; wgs:long 25.28 .
city:lt-klaipeda a cpo:City ; skos:prefLabel "Klaipėda"@lt , "Klaipeda"@en ; cpo:country cc:LTU ;
    wgs:lat 55.71 ; wgs:long 21.14 .
city:si-kranj a cpo:City ; skos:prefLabel "Kranj"@sl ; cpo:country cc:SVN ;
    wgs:lat 46.24 ; wgs:long 14.36 .
"""
_BODIES = """\
mun:lt-vilnius-city a cpo:Municipality ; skos:prefLabel "Vilnius City Municipality"@en ;
    cpo:country cc:LTU ; cpo:governs city:lt-vilnius .
mun:lt-klaipeda-city a cpo:Municipality ; skos:prefLabel "Klaipėda City Municipality"@en ;
    cpo:country cc:LTU ; cpo:governs city:lt-klaipeda .
"""
_NETWORKS = """\
net:baltic-club a cpo:Network ; skos:prefLabel "Baltic Club"@en .
net:river-cities a cpo:Network ; skos:prefLabel "River Cities"@en .
"""

MEMBERS = """\
[dataset]
id = "members"
title = "Members of two clubs"
address = "https://example.org/members"
licence = "https://creativecommons.org/licenses/by/4.0/"
edition = "1"
issued = "2024"

[table.members]
key = "id"
unique = ["body"]

[table.members.values]
id = { column = "id", as = "code", required = true }
name = { column = "name", required = true }
country = { column = "country", as = "country", required = true }
joined = { column = "joined", as = "date" }

[table.members.match.body]
name = "{name}"
kind = "body"
row = "{id}"
new = "mun:demo-{id}"
country = "country"

[[table.members.node]]
iri = "{body}"
when = "new body"
type = "cpo:Municipality"
"skos:prefLabel" = { text = "{name}", language = "mul" }
"cpo:country" = "{country}"

[[table.members.node]]
iri = "pa:baltic-club--{body}"
type = "cpo:Participation"
"cpo:participant" = "{body}"
"cpo:participationIn" = "net:baltic-club"
"cpo:role" = "v:role-member"
"cpo:startDate" = "{joined}"
"""
ROWS = """\
id,name,country,joined
1,Vilnius,LT,2001
2,Klaipėda,Lithuania,2004-05-01
3,Nida,LTU,
"""


@dataclass(frozen=True)
class Workshop:
    """A dataset, a folder for files of others, and the command."""

    root: Path
    files: Path

    def file(self, name: str, text: str) -> Path:
        """Write a file of others."""
        path = self.files / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: object) -> Result:
        """Call `kg import`."""
        words = ["import", *map(str, arguments), "--root", str(self.root)]
        return CliRunner().invoke(kg, words)

    def members(self, rows: str = ROWS, mapping: str = MEMBERS) -> Result:
        """Import a table of members, whatever it retires."""
        table = self.file("members.csv", rows)
        return self.run(table, "--mapping", self.file("members.toml", mapping), "--yes")

    def folder(self, name: str = "members") -> Path:
        """Return where an imported dataset is."""
        return self.root / "data/imports" / name

    def text(self, name: str = "members") -> str:
        """Return what an imported dataset says."""
        return "".join(path.read_text() for path in sorted(self.folder(name).glob(f"{name}*.ttl")))

    def report(self, name: str = "members") -> str:
        """Return the lines on what was not imported."""
        return (self.folder(name) / "report.jsonl").read_text()


@pytest.fixture
def workshop(root: Path, tmp_path: Path) -> Workshop:
    """A dataset with three cities, two of which have a municipality, and two networks."""
    place = tmp_path / "graph"
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(root / name, place / name)
    for name, text in (
        ("city/all", _CITIES),
        ("municipality/all", _BODIES),
        ("network/all", _NETWORKS),
    ):
        path = place / "data/registry" / f"{name}.ttl"
        path.parent.mkdir(parents=True)
        path.write_text(_PREFIXES + text, encoding="utf-8")
    shutil.copy(root / "data/dataset.ttl", place / "data/dataset.ttl")
    files = tmp_path / "files"
    files.mkdir()
    return Workshop(place, files)


@pytest.fixture
def members() -> tuple[str, str]:
    """A mapping of members and rows for it."""
    return MEMBERS, ROWS


@pytest.fixture
def mapped(workshop: Workshop) -> Callable[[str, str], Result]:
    """Import members with one part of the mapping written otherwise."""

    def call(old: str, new: str) -> Result:
        assert old in MEMBERS
        return workshop.members(mapping=MEMBERS.replace(old, new, 1))

    return call
