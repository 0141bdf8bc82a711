"""From what and with what the snapshot was made (PROV-O).

Of the time nothing is said: the same files at another time are the same snapshot.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from kg.dataset import graph_of
from kg.metadata.statements import DATASET, TYPE, Statement, about, english, iri, part
from kg.namespaces import DCTERMS, OWL, PROV, RDFS, SPDX, XSD

BUILD: Final = part("build")
SOFTWARE: Final = part("software")


def provenance(inputs: Mapping[str, str], software: str) -> Iterator[Statement]:
    """Yield the activity, what it used, and who did it.

    Args:
        inputs: SHA-256 of each file, by path.
        software: Version.
    """
    yield from about(
        DATASET, [(PROV + "wasGeneratedBy", BUILD), (PROV + "wasAttributedTo", SOFTWARE)]
    )
    yield from about(
        BUILD,
        [
            (TYPE, iri(PROV + "Activity")),
            (RDFS + "label", english("build of the snapshot")),
            (
                DCTERMS + "description",
                english(
                    "Checks the files, applies the rulings, infers by the rules, and seals the "
                    "result; equal files give an equal snapshot."
                ),
            ),
            (PROV + "wasAssociatedWith", SOFTWARE),
            (PROV + "generated", DATASET),
        ],
    )
    yield from about(
        SOFTWARE,
        [
            (TYPE, iri(PROV + "SoftwareAgent")),
            (RDFS + "label", english(f"citypledge {software}")),
            (OWL + "versionInfo", ox.Literal(software)),
        ],
    )
    for path, digest in sorted(inputs.items()):
        yield from _file(path, digest)


def _file(path: str, digest: str) -> Iterator[Statement]:
    node, checksum = part("file", path), part("file", path, "sha256")
    yield from about(BUILD, [(PROV + "used", node)])
    yield from about(
        node,
        [
            (TYPE, iri(PROV + "Entity")),
            (RDFS + "label", ox.Literal(path)),
            (SPDX + "checksum", checksum),
        ],
    )
    yield from about(
        checksum,
        [
            (TYPE, iri(SPDX + "Checksum")),
            (SPDX + "algorithm", iri(SPDX + "checksumAlgorithm_sha256")),
            (SPDX + "checksumValue", ox.Literal(digest, datatype=iri(XSD + "hexBinary"))),
        ],
    )
    if path.startswith(("data/", "ontology/")):
        yield from about(iri(graph_of(path)), [(PROV + "wasDerivedFrom", node)])
