"""CITATION.cff says what the dataset and the package say of themselves."""

import tomllib
from pathlib import Path

import pyoxigraph as ox
import yaml

DATASET = ox.NamedNode("https://w3id.org/citypledge/dataset")
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"


def stated(root: Path, predicate: str) -> list[str]:
    triples = ox.parse(path=root / "data/dataset.ttl", format=ox.RdfFormat.TURTLE)
    node = ox.NamedNode(predicate)
    return sorted(
        quad.object.value for quad in triples if (quad.subject, quad.predicate) == (DATASET, node)
    )


def test_the_citation_is_that_of_the_dataset_and_of_its_version(root: Path) -> None:
    found = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert found["cff-version"] == "1.2.0"
    assert found["type"] == "dataset"
    [version] = stated(root, DCAT + "version")
    assert [str(found["version"])] == [version]
    assert [found["title"]] == stated(root, DCTERMS + "title")
    assert [found["abstract"].strip()] == stated(root, DCTERMS + "description")
    assert [found["date-released"].isoformat()] == stated(root, DCTERMS + "modified")
    assert found["keywords"] == stated(root, DCAT + "keyword")
    assert found["url"] == DATASET.value
    assert found["identifiers"][0]["value"] == f"{DATASET.value}/{version}"
    assert (found["license"], stated(root, DCTERMS + "license")) == (
        "CC-BY-4.0",
        ["https://creativecommons.org/licenses/by/4.0/"],
    )


def test_the_program_is_named_with_the_version_and_the_licence_of_the_package(root: Path) -> None:
    [program] = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["references"]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert program["type"] == "software"
    assert program["title"] == project["name"]
    assert program["version"] == project["version"]
    assert program["license"] == project["license"]
