"""Every namespace that the project uses, once, and the base under which it names things.

Files in the repository always use `CANONICAL_BASE`; a build under another base rewrites it
(`kg build --base`), so that another publisher can host the same graph under another name.
"""

from typing import Final

CANONICAL_BASE: Final = "https://w3id.org/citypledge/"

ONT: Final = CANONICAL_BASE + "ont#"
VOC: Final = CANONICAL_BASE + "voc/"
SHAPES: Final = CANONICAL_BASE + "shapes#"
REF: Final = CANONICAL_BASE + "ref#"
ID: Final = CANONICAL_BASE + "id/"
GRAPH: Final = CANONICAL_BASE + "graph/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SH: Final = "http://www.w3.org/ns/shacl#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DQV: Final = "http://www.w3.org/ns/dqv#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
ORG: Final = "http://www.w3.org/ns/org#"
SCHEMA: Final = "http://schema.org/"
VOID: Final = "http://rdfs.org/ns/void#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
HTTP: Final = "http://www.w3.org/2011/http#"
PROV: Final = "http://www.w3.org/ns/prov#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SPDX: Final = "http://spdx.org/rdf/terms#"
WGS: Final = "http://www.w3.org/2003/01/geo/wgs84_pos#"
VCARD: Final = "http://www.w3.org/2006/vcard/ns#"
VOID_EXT: Final = "http://ldf.fi/void-ext#"
EU_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"

# The kinds of entity, each with the prefix of its IRIs. One prefix for each kind, because a slash
# inside a local name has to be escaped and rdflib's SPARQL parser does not undo the escape.
KINDS: Final[dict[str, str]] = {
    "activity": "activity",
    "city": "city",
    "claim": "claim",
    "decision": "dec",
    "document": "doc",
    "edition": "edition",
    "event": "event",
    "figure": "figure",
    "fund": "fund",
    "funding": "funding",
    "goal": "goal",
    "group": "group",
    "municipality": "mun",
    "name": "name",
    "network": "net",
    "organisation": "organisation",
    "output": "output",
    "participation": "pa",
    "person": "person",
    "phase": "phase",
    "place": "place",
    "pledge": "pledge",
    "programme": "prog",
    "progress": "progress",
    "project": "project",
    "role": "role",
    "ruling": "ruling",
    "signature": "signature",
    "source": "source",
    "span": "span",
    "target": "target",
    "undertaking": "undertaking",
}

PREFIXES: Final[dict[str, str]] = {
    "cpo": ONT,
    "v": VOC,
    "cps": SHAPES,
    "ref": REF,
    "graph": GRAPH,
    **{prefix: f"{ID}{kind}/" for kind, prefix in KINDS.items()},
    "cc": "http://publications.europa.eu/resource/authority/country/",
    "lang": "http://publications.europa.eu/resource/authority/language/",
    "cur": "http://publications.europa.eu/resource/authority/currency/",
    "nuts": "http://data.europa.eu/nuts/code/",
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "dqv": DQV,
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "eurio": "http://data.europa.eu/s66#",
    "foaf": FOAF,
    "m8g": "http://data.europa.eu/m8g/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": ORG,
    "owl": OWL,
    "pav": "http://purl.org/pav/",
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sd": SD,
    "sh": SH,
    "skos": SKOS,
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "spdx": SPDX,
    "vann": "http://purl.org/vocab/vann/",
    "vcard": VCARD,
    "void": VOID,
    "void-ext": VOID_EXT,
    "wd": "http://www.wikidata.org/entity/",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": XSD,
}


def shorten(iri: str) -> str:
    """Return the prefixed name of an IRI, or the IRI itself where no prefix fits.

    >>> shorten("https://w3id.org/citypledge/ont#Pledge")
    'cpo:Pledge'
    """
    best = max(
        (item for item in PREFIXES.items() if iri.startswith(item[1])),
        key=lambda item: len(item[1]),
        default=None,
    )
    if best is None:
        return iri
    local = iri[len(best[1]) :]
    return f"{best[0]}:{local}" if local and not set("/#?:") & set(local) else iri
