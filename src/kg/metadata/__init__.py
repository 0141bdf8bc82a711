"""What the dataset says of itself, made at build into the graph `graph/meta`.

    statistics   VoID: how much there is of each class and property, for editors to complete from
    linksets     VoID: which other datasets it links to, by which property, how often
    catalogue    DCAT 3 and DCAT-AP 3: the catalogue, the dataset, each source, how to get at them
    provenance   PROV: from which files and with which software the snapshot was made
    quality      DQV: how many members are stated, listed and on the map; shares of the whole

No clock goes into it, so that equal files give an equal snapshot: what has a date has it from the
files, and the dates of releases are added where the description is served (`kg.web.versions`).
Everything that is named here has an IRI under the base that leads to its description.
"""

from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg.dataset import META, Dataset
from kg.errors import BuildError
from kg.metadata.catalogue import catalogue
from kg.metadata.linksets import linksets
from kg.metadata.provenance import provenance
from kg.metadata.quality import quality
from kg.metadata.statements import DATASET, Statement
from kg.metadata.statistics import statistics
from kg.namespaces import DCAT
from kg.terms import Quad, Triple, in_graph


def version_of(dataset: Dataset) -> str:
    """Return the version of a dataset, which `data/dataset.ttl` gives.

    Raises:
        BuildError: It gives none, or several.
    """
    versions = [
        triple.object.value
        for file in dataset.of_graph(META)
        for triple in file.triples
        if (triple.subject, triple.predicate.value) == (DATASET, DCAT + "version")
    ]
    if len(versions) != 1:
        raise BuildError("data/dataset.ttl: needs exactly one dcat:version of the dataset")
    return versions[0]


def describe(
    named: Iterable[Quad],
    view: set[Triple],
    *,
    version: str,
    software: str,
    inputs: Mapping[str, str],
    totals: str | None = None,
) -> list[Quad]:
    """Return the description of a dataset, as statements of `graph/meta`.

    Args:
        named: Every statement of every named graph but this one.
        view: The accepted view with what the rules infer.
        version: Of the dataset.
        software: Version of the software that builds it.
        inputs: SHA-256 of each file that it is made from, by path.
        totals: The SPARQL of the question `totals`; None where the library has none.
    """
    quads = list(named)
    made: list[Statement] = [
        *statistics(quads, view),
        *linksets(quads),
        *catalogue(quads, version),
        *provenance(inputs, software),
        *quality(quads, view, totals),
    ]
    meta = ox.NamedNode(META)
    return [in_graph(statement, meta) for statement in dict.fromkeys(made)]
