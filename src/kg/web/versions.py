"""What the releases add to the description of the dataset: versions, dumps, dates (DCAT 3).

The description that is sealed in a snapshot knows no clock. A release does, and it stands beside
the snapshot; so this is made where the description is served.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.dumps import CODINGS, WHOLE, Dump
from kg.mediatypes import JELLY, N_QUADS, N_TRIPLES, TRIG
from kg.namespaces import DCAT, DCTERMS, EU_AUTHORITY, FOAF, RDF, RDFS, SKOS, SPDX, VCARD, VOID, XSD
from kg.release import Release, of_record, text_of

_IANA: Final = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES: Final = {
    N_QUADS.name: EU_AUTHORITY + "file-type/RDF_N_QUADS",
    N_TRIPLES.name: EU_AUTHORITY + "file-type/RDF_N_TRIPLES",
    TRIG.name: EU_AUTHORITY + "file-type/RDF_TRIG",
}
_LABELS: Final = {kind.name: kind.label for kind in (JELLY, N_QUADS, N_TRIPLES, TRIG)}


class Versions:
    """The releases that a page knows of.

    Attributes:
        known: `version`, `released`, `snapshot` and `previous` of each, oldest first.
        shown: The one that the page is about, else the last one; None where there is none.
        dates: When each named graph was first released, and when last with other content.
        changed: When the last release was made, in seconds since 1970; None where there is none.
    """

    def __init__(self, base: str, licence: str, given: Mapping[str, Any]) -> None:
        """Read what `kg.web.dumps.Facts` has put into the job.

        Args:
            base: Of the IRIs.
            licence: IRI of the licence of the data.
            given: From the job; empty where it has nothing.
        """
        self._base = base
        self._dataset = f"{base}dataset"
        self._licence = licence
        self.known: list[dict[str, Any]] = given.get("releases", [])
        record = given.get("release")
        self.shown: Release | None = None if record is None else of_record(record, Path())
        self.dates: dict[str, tuple[str, str]] = given.get("dates", {})
        self.changed: float | None = given.get("changed")

    def current(self, snapshot: str) -> dict[str, Any] | None:
        """Return the release of a snapshot, or None where it is not released."""
        return next((found for found in self.known if found["snapshot"] == snapshot), None)

    def of_dataset(self, snapshot: str) -> list[ox.Triple]:
        """Return what is to be added to the description of a snapshot."""
        made = [triple for found in self.known for triple in self._version(found)]
        if self.known:
            first, last = self.known[0]["released"], self.known[-1]["released"]
            made += self._dated(self._dataset, first)
            made += self._dated(f"{self._base}catalog", first, last)
        if self.shown is not None and self.shown.snapshot == snapshot:
            made += self._dumps(self.shown, self._dataset)
            made += self._dumps(self.shown, self._iri_of(self.shown.version))
            made += self._dumps_of_graphs(self.shown)
            for graph, (issued, modified) in self.dates.items():
                made += self._dated(graph, issued, modified)
        return made

    def of_release(self, release: Release) -> list[ox.Triple]:
        """Return the description of one release and all its dumps."""
        found = next(item for item in self.known if item["version"] == release.version)
        return [
            *self._version(found),
            *self._dumps(release, self._iri_of(release.version)),
            *self._dumps_of_graphs(release),
            *self._checksum(
                self._iri_of(release.version),
                f"{self._base}dump/{release.version}#rdfc10",
                release.rdfc10,
                "Of the canonical N-Quads (RDFC-1.0) of the whole, without compression.",
            ),
        ]

    def all_releases(self) -> list[ox.Triple]:
        """Return the descriptions of all releases, without their dumps."""
        return [triple for found in self.known for triple in self._version(found)]

    def _iri_of(self, version: str) -> str:
        return f"{self._dataset}/{version}"

    def _version(self, found: Mapping[str, Any]) -> Iterator[ox.Triple]:
        version, node = found["version"], self._iri_of(found["version"])
        page = f"{self._base}dump/{version}"
        yield _triple(self._dataset, DCAT + "hasVersion", _node(node))
        yield _triple(node, RDF + "type", _node(DCAT + "Dataset"))
        yield _triple(node, DCTERMS + "title", _english(f"citypledge, version {version}"))
        text = f"The dataset as it was released on {found['released'][:10]}."
        yield _triple(node, DCTERMS + "description", _english(text))
        yield _triple(node, DCAT + "isVersionOf", _node(self._dataset))
        yield _triple(node, DCAT + "version", ox.Literal(version))
        yield _triple(node, DCTERMS + "license", _node(self._licence))
        yield _triple(self._licence, RDF + "type", _node(DCTERMS + "LicenseDocument"))
        contact = f"{self._base}catalog#contact"
        yield _triple(node, DCAT + "contactPoint", _node(contact))
        yield _triple(contact, RDF + "type", _node(VCARD + "Kind"))
        yield _triple(node, FOAF + "page", _node(page))
        yield _triple(page, RDF + "type", _node(FOAF + "Document"))
        yield from self._dated(node, found["released"])
        if found["previous"] is not None:
            previous = _node(self._iri_of(found["previous"]))
            yield _triple(node, DCAT + "previousVersion", previous)

    def _dated(self, node: str, issued: str, modified: str = "") -> Iterator[ox.Triple]:
        yield _triple(node, DCTERMS + "issued", _moment(issued))
        if modified:
            yield _triple(node, DCTERMS + "modified", _moment(modified))

    def _dumps(self, release: Release, dataset: str) -> Iterator[ox.Triple]:
        for file in release.files:
            if file.graph is None:
                yield from self._dump(release, file, dataset)

    def _dumps_of_graphs(self, release: Release) -> Iterator[ox.Triple]:
        for file in release.files:
            if file.graph is not None:
                yield from self._dump(release, file, file.graph)

    def _dump(self, release: Release, file: Dump, dataset: str) -> Iterator[ox.Triple]:
        page = f"{self._base}dump/{release.version}"
        node, address = f"{page}#{file.name}", f"{page}/{file.name}"
        coding = _IANA + file.compression
        yield _triple(dataset, DCAT + "distribution", _node(node))
        if file.graph is not None or file.name.startswith(f"{WHOLE}."):
            yield _triple(dataset, VOID + "dataDump", _node(address))
        size = ox.Literal(str(file.bytes), datatype=_node(XSD + "nonNegativeInteger"))
        for predicate, value in (
            (RDF + "type", _node(DCAT + "Distribution")),
            (DCTERMS + "title", _english(title_of(file))),
            (DCTERMS + "license", _node(self._licence)),
            (DCTERMS + "issued", _moment(text_of(release.released))),
            (DCAT + "accessURL", _node(page)),
            (DCAT + "downloadURL", _node(address)),
            (DCAT + "compressFormat", _node(coding)),
            (DCAT + "byteSize", size),
        ):
            yield _triple(node, predicate, value)
        yield _triple(coding, RDF + "type", _node(DCTERMS + "MediaType"))
        yield from self._checksum(node, f"{node}-sha256", file.sha256)
        if file.media_type in _FILE_TYPES:  # DCAT wants registered types; that of Jelly is not
            kind, file_type = _IANA + file.media_type, _FILE_TYPES[file.media_type]
            yield _triple(node, DCAT + "mediaType", _node(kind))
            yield _triple(kind, RDF + "type", _node(DCTERMS + "MediaType"))
            yield _triple(node, DCTERMS + "format", _node(file_type))
            yield _triple(file_type, RDF + "type", _node(DCTERMS + "MediaTypeOrExtent"))
            yield _triple(file_type, SKOS + "inScheme", _node(EU_AUTHORITY + "file-type"))

    def _checksum(self, of: str, node: str, value: str, comment: str = "") -> Iterator[ox.Triple]:
        yield _triple(of, SPDX + "checksum", _node(node))
        yield _triple(node, RDF + "type", _node(SPDX + "Checksum"))
        yield _triple(node, SPDX + "algorithm", _node(SPDX + "checksumAlgorithm_sha256"))
        literal = ox.Literal(value, datatype=_node(XSD + "hexBinary"))
        yield _triple(node, SPDX + "checksumValue", literal)
        if comment:
            yield _triple(node, RDFS + "comment", _english(comment))


def title_of(file: Dump) -> str:
    """Return what a dump is called, such as `dataset, N-Quads, gz`."""
    ending = next(ending for ending, coding in CODINGS.items() if coding == file.compression)
    stem = file.name.rsplit(".", 2)[0]
    return f"{stem}, {_LABELS[file.media_type]}, {ending}"


def _node(value: str) -> ox.NamedNode:
    return ox.NamedNode(value)


def _english(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")


def _moment(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=_node(XSD + "dateTime"))


def _triple(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(_node(subject), _node(predicate), value)
