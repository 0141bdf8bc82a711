"""PROV: the snapshot says which files it was made from, with hashes that anyone can work out."""

import hashlib
from pathlib import Path

import pyoxigraph as ox

from kg import __version__
from kg.snapshot import Snapshot

BASE = "https://w3id.org/citypledge/"
QUERY = """
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX spdx: <http://spdx.org/rdf/terms#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?path ?hash {
  <https://w3id.org/citypledge/dataset> prov:wasGeneratedBy ?build .
  ?build a prov:Activity ; prov:used ?file .
  ?file a prov:Entity ; rdfs:label ?path ; spdx:checksum ?sum .
  ?sum a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?hash .
}"""


def test_every_file_of_the_build_is_named_with_its_sha_256(
    described: ox.Store, built: Snapshot, root: Path
) -> None:
    found = described.query(QUERY)
    assert isinstance(found, ox.QuerySolutions)
    stated = {row[0].value: row[1].value for row in found}
    assert set(stated) == set(built.manifest.inputs)
    for path, digest in stated.items():
        assert hashlib.sha256((root / path).read_bytes()).hexdigest() == digest, path


def test_the_software_is_an_agent_with_its_version(described: ox.Store) -> None:
    assert described.query(
        "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
        "ASK { ?build prov:wasAssociatedWith ?software . "
        f"?software a prov:SoftwareAgent ; owl:versionInfo '{__version__}' }}"
    )


def test_a_source_graph_derives_from_its_source_and_from_its_files(described: ox.Store) -> None:
    prov = "http://www.w3.org/ns/prov#wasDerivedFrom"
    node = ox.NamedNode(f"{BASE}graph/source/s003")
    found = {
        quad.object.value
        for quad in described.quads_for_pattern(node, ox.NamedNode(prov), None, None)
    }
    assert found == {
        f"{BASE}id/source/s003",
        f"{BASE}dataset#file/data/sources/s003.ttl",
        f"{BASE}dataset#file/data/sources/s003.claims.ttl",
    }
