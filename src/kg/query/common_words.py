"""Plain words for the terms of other vocabularies, which the graph itself does not label."""

from typing import Final

from kg.languages import Label
from kg.namespaces import DCTERMS, FOAF, ORG, OWL, RDF, RDFS, SCHEMA, SKOS

SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
_LANGUAGES: Final = ("en", "lt", "sl")
_WORDS: Final[dict[str, tuple[str, str, str]]] = {
    RDF + "type": ("kind", "rūšis", "vrsta"),
    RDFS + "label": ("name", "pavadinimas", "ime"),
    RDFS + "comment": ("comment", "komentaras", "komentar"),
    RDFS + "seeAlso": ("see also", "taip pat žr.", "glej tudi"),
    RDFS + "subClassOf": ("narrower than", "siauresnė už", "ožje od"),
    RDFS + "isDefinedBy": ("defined by", "apibrėžia", "opredeljuje"),
    SKOS + "prefLabel": ("name", "pavadinimas", "ime"),
    SKOS + "altLabel": ("other name", "kitas pavadinimas", "drugo ime"),
    SKOS + "notation": ("code", "kodas", "koda"),
    SKOS + "definition": ("definition", "apibrėžtis", "opredelitev"),
    SKOS + "note": ("note", "pastaba", "opomba"),
    SKOS + "scopeNote": ("scope note", "vartojimo pastaba", "opomba o rabi"),
    SKOS + "changeNote": ("change note", "pakeitimo pastaba", "opomba o spremembi"),
    SKOS + "inScheme": ("in list", "sąraše", "v seznamu"),
    SKOS + "broader": ("broader", "platesnė sąvoka", "širše"),
    SKOS + "exactMatch": ("same concept as", "ta pati sąvoka kaip", "isti pojem kot"),
    SKOS + "closeMatch": ("close to", "artima", "blizu"),
    OWL + "sameAs": ("same as", "tas pats kaip", "isto kot"),
    FOAF + "homepage": ("home page", "svetainė", "spletno mesto"),
    FOAF + "name": ("name", "pavadinimas", "ime"),
    DCTERMS + "type": ("type", "tipas", "tip"),
    DCTERMS + "subject": ("subject", "tema", "tema"),
    DCTERMS + "title": ("title", "pavadinimas", "naslov"),
    DCTERMS + "identifier": ("identifier", "identifikatorius", "identifikator"),
    DCTERMS + "language": ("language", "kalba", "jezik"),
    DCTERMS + "source": ("source", "šaltinis", "vir"),
    DCTERMS + "creator": ("creator", "kūrėjas", "avtor"),
    DCTERMS + "spatial": ("area", "teritorija", "območje"),
    DCTERMS + "license": ("licence", "licencija", "licenca"),
    SCHEMA + "position": ("position", "eilės numeris", "položaj"),
    SCHEMA + "location": ("place", "vieta", "kraj"),
    SCHEMA + "organizer": ("organiser", "organizatorius", "organizator"),
    SCHEMA + "superEvent": ("part of event", "renginio dalis", "del dogodka"),
    ORG + "subOrganizationOf": ("part of", "priklauso", "del"),
    ORG + "Organization": ("organisation", "organizacija", "organizacija"),
    ORG + "Role": ("role", "vaidmuo", "vloga"),
    FOAF + "Person": ("person", "asmuo", "oseba"),
    SCHEMA + "Place": ("place", "vieta", "kraj"),
    SKOS + "Concept": ("concept", "sąvoka", "pojem"),
    SKOS + "ConceptScheme": ("list of concepts", "sąvokų sąrašas", "seznam pojmov"),
    SKOSXL + "literalForm": ("spelling", "rašyba", "zapis"),
    "http://purl.org/pav/retrievedFrom": ("retrieved from", "parsisiųsta iš", "preneseno z"),
    "http://purl.org/pav/retrievedOn": ("retrieved on", "parsisiųsta", "preneseno dne"),
    "http://www.w3.org/2003/01/geo/wgs84_pos#lat": ("latitude", "platuma", "zemljepisna širina"),
    "http://www.w3.org/2003/01/geo/wgs84_pos#long": ("longitude", "ilguma", "zemljepisna dolžina"),
}


def common_labels(iri: str) -> list[Label]:
    """Return the words for a term in each language of the interface; none for most terms.

    >>> [label.text for label in common_labels(FOAF + "Person")]
    ['person', 'asmuo', 'oseba']
    """
    words = _WORDS.get(iri, ())
    return [Label(text, language) for text, language in zip(words, _LANGUAGES, strict=False)]
