"""What the concept lists and the list of countries promise."""

from typing import NamedTuple

import pytest
from rdflib import DCTERMS, ORG, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

import kg.namespaces

V = Namespace(kg.namespaces.VOC)
CPO = Namespace(kg.namespaces.ONT)
REF = Namespace(kg.namespaces.REF)
CC = Namespace(kg.namespaces.PREFIXES["cc"])
LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")

SCHEMES = """
    benefit binding body-kind certainty claim-status comparison date-qualifier document-kind
    event-kind
    funding-kind goal-level group heading label lifecycle metric name-kind network-kind
    organisation-kind output-kind participation-status progress-status publication-basis
    retirement-reason role selection-group source-kind theme
"""

# Main labels that questions and shapes already read, without asking for a language.
ENGLISH = {
    "about": "about",
    "active": "active",
    "at-least": "at least",
    "basis-elected": "elected office",
    "basis-project": "project role published by the body",
    "basis-senior": "senior public post",
    "before": "before",
    "carbon-neutrality": "carbon neutrality",
    "cert-external": "from outside the seeds",
    "cert-implied": "implied",
    "cert-stated": "stated",
    "claim-accepted": "accepted",
    "claim-open": "open",
    "claim-rejected": "rejected",
    "claim-superseded": "superseded",
    "climate-neutrality": "climate neutrality",
    "co-financing": "co-financing",
    "count-cities": "number of cities",
    "count-countries": "number of countries",
    "count-municipalities": "number of municipalities",
    "count-networks": "number of networks",
    "count-partners": "number of partner bodies",
    "doc-agreement": "agreement",
    "doc-memorandum": "memorandum",
    "doc-plan": "plan",
    "early": "early in the period",
    "emissions-cut": "cut in greenhouse gas emissions, in percent",
    "exactly": "exactly",
    "finished": "finished",
    "force-ambition": "ambition",
    "force-duty": "duty",
    "force-expectation": "expectation of others",
    "force-plan": "plan",
    "force-pledge": "pledge",
    "geothermal": "geothermal energy",
    "healthy-city": "healthy city",
    "inclusion": "social inclusion",
    "kind-action-planning": "action planning network",
    "kind-mission-partnership": "mission partnership",
    "kind-national": "national network",
    "kind-transfer": "transfer network",
    "late": "late in the period",
    "name-inflected": "inflected",
    "name-official": "official",
    "name-typo": "typo",
    "name-upper": "upper case",
    "name-variant": "variant",
    "out-analysis": "analysis",
    "out-guideline": "guideline",
    "out-media": "media piece",
    "out-plan": "plan",
    "out-podcast": "podcast",
    "planned": "planned",
    "preparing": "in preparation",
    "progress-none": "not started",
    "progress-reached": "reached",
    "progress-under-way": "under way",
    "regeneration": "urban regeneration",
    "role-chair": "head of group",
    "role-contact": "contact point",
    "role-coordinator": "coordinator",
    "role-deputy-director": "deputy director",
    "role-finance": "finance officer",
    "role-invitee": "invited guest",
    "role-lead": "lead partner",
    "role-manager": "project manager",
    "role-mayor": "mayor",
    "role-member": "member",
    "role-mp": "member of parliament",
    "role-partner": "partner",
    "sdg-localisation": "local use of the SDGs",
    "share-newcomers": "share of newcomers, in percent",
}
LITHUANIAN = {"role-lead": "pagrindinis partneris", "role-partner": "partneris"}
SLOVENIAN = {"climate-neutrality": "podnebna nevtralnost", "role-mayor": "župan"}

# Concepts added since.
LATER = """
    after at-most benefit-advice benefit-eu-funds benefit-good-practice benefit-innovation
    benefit-networking benefit-pilots benefit-visibility count-phases count-signatories
    count-undertakings doc-goals doc-list doc-strategy event-conference event-congress
    event-invitation event-meeting event-signing event-training goal-level-goal goal-level-task
    grant group-ambitious-members group-business group-citizens group-city-institutions
    group-city-leaders group-civic-communities group-climate-experts group-congress-organisers
    group-council-members group-decision-makers group-experts group-external-experts
    group-future-partners group-governments group-industry group-lead-partners
    group-municipal-administration group-municipalities group-ngos group-organisations
    group-participating-cities group-politicians group-programme-countries group-science
    group-selected-cities group-society group-society-groups group-state-institutions
    group-turkish-municipalities group-youth kind-international kind-pilot-project
    legal-public-institution legal-state-enterprise mid name-abbreviation name-foreign
    name-former name-short org-national-parliament org-national-urbact-office
    participation-active participation-invited participation-left participation-unknown
    progress-given-up progress-missed progress-unknown retired-merged retired-mistaken
    retired-on-request retired-renamed retired-split retired-superseded role-adviser
    role-chief-specialist role-senior-specialist section-goals section-main-activities
    section-products section-project-activities section-tasks source-news-report source-web-page
    status-unknown stopped theme-adaptation theme-collaboration theme-common-good theme-environment
    theme-ethical-technology theme-human-needs theme-information-exchange
    theme-international-practice theme-mitigation theme-network-learning theme-sustainability
"""


class Box(NamedTuple):
    """A country's coarse extent in decimal degrees of WGS 84."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


# Boxes that the shapes were written and tested against.
FIRST_BOXES = {
    "ESP": Box(-18.3, 27.5, 4.5, 43.9),
    "EST": Box(21.7, 57.4, 28.3, 59.9),
    "FRA": Box(-5.3, 41.2, 9.7, 51.2),
    "GRC": Box(19.3, 34.7, 29.7, 41.8),
    "IRL": Box(-10.8, 51.3, -5.9, 55.5),
    "ITA": Box(6.5, 35.4, 18.7, 47.2),
    "LTU": Box(20.5, 53.8, 26.9, 56.5),
    "SVN": Box(13.3, 45.4, 16.7, 46.9),
    "TUR": Box(25.6, 35.8, 44.9, 42.2),
}

# Latitude and longitude of each capital or seat of government, rounded to two decimals.
CAPITALS = {
    "AFG": (34.53, 69.17),
    "AGO": (-8.84, 13.23),
    "ALB": (41.33, 19.82),
    "AND": (42.51, 1.52),
    "ARE": (24.45, 54.38),
    "ARG": (-34.60, -58.38),
    "ARM": (40.18, 44.51),
    "AUS": (-35.28, 149.13),
    "AUT": (48.21, 16.37),
    "AZE": (40.41, 49.87),
    "BDI": (-3.43, 29.93),
    "BEL": (50.85, 4.35),
    "BEN": (6.50, 2.60),
    "BFA": (12.37, -1.52),
    "BGD": (23.81, 90.41),
    "BGR": (42.70, 23.32),
    "BHR": (26.23, 50.59),
    "BIH": (43.86, 18.41),
    "BLR": (53.90, 27.57),
    "BOL": (-16.50, -68.15),
    "BRA": (-15.79, -47.88),
    "CAF": (4.39, 18.56),
    "CAN": (45.42, -75.70),
    "CHE": (46.95, 7.45),
    "CHL": (-33.45, -70.67),
    "CHN": (39.90, 116.41),
    "CIV": (6.83, -5.29),
    "CMR": (3.87, 11.52),
    "COD": (-4.32, 15.31),
    "COG": (-4.26, 15.24),
    "COL": (4.71, -74.07),
    "CRI": (9.93, -84.08),
    "CUB": (23.11, -82.37),
    "CYP": (35.17, 33.36),
    "CZE": (50.08, 14.44),
    "DEU": (52.52, 13.41),
    "DMA": (15.30, -61.39),
    "DNK": (55.68, 12.57),
    "DOM": (18.49, -69.93),
    "DZA": (36.75, 3.06),
    "ECU": (-0.18, -78.47),
    "EGY": (30.04, 31.24),
    "ERI": (15.34, 38.93),
    "ESP": (40.42, -3.70),
    "EST": (59.44, 24.75),
    "ETH": (9.03, 38.74),
    "FIN": (60.17, 24.94),
    "FRA": (48.86, 2.35),
    "FRO": (62.01, -6.77),
    "GAB": (0.42, 9.47),
    "GBR": (51.51, -0.13),
    "GEO": (41.72, 44.78),
    "GHA": (5.60, -0.19),
    "GIN": (9.64, -13.58),
    "GNB": (11.86, -15.60),
    "GRC": (37.98, 23.73),
    "GTM": (14.63, -90.51),
    "GUF": (4.92, -52.31),
    "HKG": (22.32, 114.17),
    "HND": (14.07, -87.19),
    "HRV": (45.81, 15.98),
    "HTI": (18.59, -72.31),
    "HUN": (47.50, 19.04),
    "IDN": (-6.21, 106.85),
    "IND": (28.61, 77.21),
    "IRL": (53.35, -6.26),
    "IRN": (35.69, 51.39),
    "IRQ": (33.32, 44.37),
    "ISL": (64.15, -21.94),
    "ISR": (31.77, 35.21),
    "ITA": (41.90, 12.50),
    "JAM": (17.97, -76.79),
    "JOR": (31.95, 35.93),
    "JPN": (35.68, 139.69),
    "KAZ": (51.17, 71.45),
    "KEN": (-1.29, 36.82),
    "KGZ": (42.87, 74.59),
    "KHM": (11.56, 104.92),
    "KOR": (37.57, 126.98),
    "KWT": (29.38, 47.99),
    "LAO": (17.98, 102.63),
    "LBN": (33.89, 35.50),
    "LBR": (6.30, -10.80),
    "LBY": (32.89, 13.19),
    "LIE": (47.14, 9.52),
    "LKA": (6.89, 79.90),
    "LTU": (54.69, 25.28),
    "LUX": (49.61, 6.13),
    "LVA": (56.95, 24.11),
    "MAC": (22.20, 113.54),
    "MAR": (34.02, -6.84),
    "MCO": (43.73, 7.42),
    "MDA": (47.01, 28.86),
    "MDG": (-18.88, 47.51),
    "MEX": (19.43, -99.13),
    "MKD": (42.00, 21.43),
    "MLI": (12.64, -8.00),
    "MLT": (35.90, 14.51),
    "MMR": (19.76, 96.08),
    "MNE": (42.44, 19.26),
    "MNG": (47.89, 106.91),
    "MOZ": (-25.97, 32.57),
    "MRT": (18.08, -15.98),
    "MWI": (-13.96, 33.79),
    "MYS": (3.14, 101.69),
    "NER": (13.51, 2.11),
    "NGA": (9.06, 7.49),
    "NIC": (12.11, -86.24),
    "NLD": (52.37, 4.90),
    "NOR": (59.91, 10.75),
    "NPL": (27.72, 85.32),
    "NZL": (-41.29, 174.78),
    "OMN": (23.59, 58.41),
    "PAK": (33.68, 73.05),
    "PAN": (8.98, -79.52),
    "PER": (-12.05, -77.04),
    "PHL": (14.60, 120.98),
    "POL": (52.23, 21.01),
    "PRI": (18.47, -66.11),
    "PRK": (39.04, 125.76),
    "PRT": (38.72, -9.14),
    "PRY": (-25.26, -57.58),
    "PSE": (31.90, 35.20),
    "QAT": (25.29, 51.53),
    "ROU": (44.43, 26.10),
    "RUS": (55.76, 37.62),
    "RWA": (-1.94, 30.06),
    "SAU": (24.71, 46.68),
    "SDN": (15.50, 32.56),
    "SEN": (14.72, -17.47),
    "SLE": (8.48, -13.23),
    "SLV": (13.69, -89.22),
    "SMR": (43.94, 12.45),
    "SOM": (2.05, 45.32),
    "SRB": (44.79, 20.45),
    "SVK": (48.15, 17.11),
    "SVN": (46.05, 14.51),
    "SWE": (59.33, 18.07),
    "SYR": (33.51, 36.29),
    "TCD": (12.13, 15.06),
    "TGO": (6.13, 1.22),
    "THA": (13.76, 100.50),
    "TJK": (38.56, 68.79),
    "TKM": (37.96, 58.33),
    "TTO": (10.65, -61.50),
    "TUN": (36.81, 10.18),
    "TUR": (39.93, 32.86),
    "TWN": (25.03, 121.57),
    "TZA": (-6.16, 35.75),
    "UGA": (0.35, 32.58),
    "UKR": (50.45, 30.52),
    "URY": (-34.90, -56.16),
    "USA": (38.90, -77.04),
    "UZB": (41.30, 69.24),
    "VAT": (41.90, 12.45),
    "VEN": (10.48, -66.90),
    "VNM": (21.03, 105.85),
    "XKX": (42.66, 21.17),
    "YEM": (15.37, 44.19),
    "ZAF": (-25.75, 28.19),
    "ZMB": (-15.39, 28.32),
    "ZWE": (-17.83, 31.05),
}

# Where latitude and longitude are so alike that a box cannot tell when they are swapped.
ALIKE = {"EGY", "NGA"}

# Towns near the edges, where a careless box would cut a country short.
OUTLYING = {
    "Ajaccio": ("FRA", 41.92, 8.74),
    "Belfast": ("GBR", 54.60, -5.93),
    "Famagusta": ("CYP", 35.12, 33.94),
    "Funchal": ("PRT", 32.65, -16.92),
    "Honolulu": ("USA", 21.31, -157.86),
    "Lampedusa": ("ITA", 35.50, 12.61),
    "Las Palmas": ("ESP", 28.12, -15.43),
    "Lerwick": ("GBR", 60.15, -1.15),
    "Palma": ("ESP", 39.57, 2.65),
    "Ponta Delgada": ("PRT", 37.74, -25.67),
    "Rhodes": ("GRC", 36.44, 28.22),
    "Rønne": ("DNK", 55.10, 14.70),
    "Simferopol": ("UKR", 44.95, 34.10),
    "Vardø": ("NOR", 70.37, 31.11),
    "Visby": ("SWE", 57.64, 18.29),
}


@pytest.fixture(scope="module")
def lists(graphs: dict[str, Graph]) -> dict[str, Graph]:
    """The files of concept lists, without the countries."""
    return {
        name: graph
        for name, graph in graphs.items()
        if name.startswith("lists/") and name != "lists/countries.ttl"
    }


@pytest.fixture(scope="module")
def concepts(lists: dict[str, Graph]) -> Graph:
    """All concept lists in one graph."""
    merged = Graph()
    for graph in lists.values():
        merged += graph
    return merged


@pytest.fixture(scope="module")
def countries(graphs: dict[str, Graph]) -> Graph:
    return graphs["lists/countries.ttl"]


@pytest.fixture(scope="module")
def boxes(countries: Graph) -> dict[str, Box]:
    """The box of each country, by the code that ends its IRI."""
    return {
        str(country).removeprefix(str(CC)): Box(
            *(float(str(countries.value(country, REF[side]))) for side in Box._fields)
        )
        for country in countries.subjects(RDF.type, CPO.Country)
    }


def texts(graph: Graph, node: Node, predicate: URIRef) -> dict[str, str]:
    """Return the values by language; two values in one language are an error."""
    found: dict[str, str] = {}
    for value in graph.objects(node, predicate):
        assert isinstance(value, Literal), (node, predicate)
        language = str(value.language or "")
        assert language not in found, (node, predicate, language)
        found[language] = str(value)
    return found


def test_every_scheme_is_there_in_a_file_of_its_own(lists: dict[str, Graph]) -> None:
    found = [set(graph.subjects(RDF.type, SKOS.ConceptScheme)) for graph in lists.values()]
    assert all(len(schemes) == 1 for schemes in found)
    assert set().union(*found) >= {V[name] for name in SCHEMES.split()}


def test_every_scheme_has_name_definition_and_licence(concepts: Graph) -> None:
    for scheme in concepts.subjects(RDF.type, SKOS.ConceptScheme):
        assert set(texts(concepts, scheme, SKOS.prefLabel)) == {"en"}, scheme
        assert set(texts(concepts, scheme, RDFS.label)) == {"lt", "sl"}, scheme
        assert set(texts(concepts, scheme, SKOS.definition)) == {"en"}, scheme
        assert list(concepts.objects(scheme, DCTERMS.license)) == [LICENCE], scheme


def test_every_concept_of_the_design_is_there(concepts: Graph) -> None:
    expected = {V[name] for name in (*ENGLISH, *LATER.split())}
    assert expected <= set(concepts.subjects(RDF.type, SKOS.Concept))


def test_main_labels_are_exactly_those_agreed_on(concepts: Graph) -> None:
    for name, label in ENGLISH.items():
        expected = {"en": label}
        if name in LITHUANIAN:
            expected["lt"] = LITHUANIAN[name]
        if name in SLOVENIAN:
            expected["sl"] = SLOVENIAN[name]
        assert texts(concepts, V[name], SKOS.prefLabel) == expected, name


def test_a_concept_without_agreed_translations_has_one_main_label_in_english(
    concepts: Graph,
) -> None:
    agreed = {V[name] for name in ENGLISH}
    for concept in set(concepts.subjects(RDF.type, SKOS.Concept)) - agreed:
        assert set(texts(concepts, concept, SKOS.prefLabel)) == {"en"}, concept


def test_every_concept_has_a_name_in_lithuanian_and_slovenian(concepts: Graph) -> None:
    for concept in concepts.subjects(RDF.type, SKOS.Concept):
        agreed = set(texts(concepts, concept, SKOS.prefLabel))
        plain = set(texts(concepts, concept, RDFS.label))
        assert agreed | plain == {"en", "lt", "sl"}, concept
        assert not agreed & plain, concept


def test_every_concept_has_one_english_definition_and_one_scheme(
    lists: dict[str, Graph],
) -> None:
    for name, graph in lists.items():
        schemes = list(graph.subjects(RDF.type, SKOS.ConceptScheme))
        for concept in graph.subjects(RDF.type, SKOS.Concept):
            definition = texts(graph, concept, SKOS.definition)
            assert set(definition) == {"en"}, concept
            assert definition["en"].endswith("."), concept
            assert list(graph.objects(concept, SKOS.inScheme)) == schemes, (name, concept)
            assert list(graph.objects(concept, SKOS.topConceptOf)) == schemes, (name, concept)


def test_no_two_concepts_of_one_list_share_a_label_or_definition(
    lists: dict[str, Graph],
) -> None:
    for name, graph in lists.items():
        for predicate in (RDFS.label, SKOS.prefLabel, SKOS.definition):
            values = [
                value
                for concept in graph.subjects(RDF.type, SKOS.Concept)
                for value in graph.objects(concept, predicate)
            ]
            assert len(values) == len(set(values)), (name, predicate)


def test_roles_are_org_roles_and_metrics_are_metrics(lists: dict[str, Graph]) -> None:
    for name, kind in (("lists/roles.ttl", ORG.Role), ("lists/metrics.ttl", CPO.Metric)):
        graph = lists[name]
        assert set(graph.subjects(RDF.type, kind)) == set(graph.subjects(RDF.type, SKOS.Concept))


def test_neutrality_and_sdg_concepts_are_mapped(concepts: Graph) -> None:
    assert (V["climate-neutrality"], SKOS.closeMatch, V["carbon-neutrality"]) in concepts
    goals = URIRef("http://metadata.un.org/sdg")
    assert (V["sdg-localisation"], SKOS.broadMatch, goals) in concepts


def test_every_country_has_names_in_three_languages_and_codes(countries: Graph) -> None:
    nodes = set(countries.subjects(RDF.type, CPO.Country))
    assert nodes == set(countries.subjects(RDF.type, SKOS.Concept))
    for country in nodes:
        assert set(texts(countries, country, SKOS.prefLabel)) == {"en", "lt", "sl"}, country
        (identifier,) = countries.objects(country, DCTERMS.identifier)
        (notation,) = countries.objects(country, SKOS.notation)
        own = {"GR": "EL", "GB": "UK"}
        code = own.get(str(identifier), str(identifier))
        assert notation == Literal(code, datatype=REF.nuts), country


def test_turkiye_is_also_found_as_turkey(countries: Graph) -> None:
    assert texts(countries, CC.TUR, SKOS.prefLabel)["en"] == "Türkiye"
    assert (CC.TUR, SKOS.altLabel, Literal("Turkey", lang="en")) in countries


def test_every_country_has_a_box_around_its_capital(boxes: dict[str, Box]) -> None:
    assert set(boxes) == set(CAPITALS)
    for code, box in boxes.items():
        assert -180 <= box.west < box.east <= 180, code
        assert -90 <= box.south < box.north <= 90, code
        assert box.holds(*CAPITALS[code]), (code, box)


def test_a_capital_with_swapped_coordinates_lies_outside_its_box(boxes: dict[str, Box]) -> None:
    told = {code: not boxes[code].holds(lat=lon, lon=lat) for code, (lat, lon) in CAPITALS.items()}
    assert {code for code, is_outside in told.items() if not is_outside} == ALIKE


@pytest.mark.parametrize("town", OUTLYING)
def test_an_outlying_town_lies_inside_the_box_of_its_country(
    town: str, boxes: dict[str, Box]
) -> None:
    code, lat, lon = OUTLYING[town]
    assert boxes[code].holds(lat, lon)


def test_the_first_boxes_have_not_moved(boxes: dict[str, Box]) -> None:
    assert {code: boxes[code] for code in FIRST_BOXES} == FIRST_BOXES
