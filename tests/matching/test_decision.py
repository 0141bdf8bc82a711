"""What a name is taken for, and what it is not."""

from dataclasses import replace

import pytest

from kg.matching import Form, Matcher, Name, Point, Query, Record, Why
from kg.names import BodyKind
from kg.namespaces import ONT, PREFIXES, shorten

MUNICIPALITY = ONT + "Municipality"


def place(matcher: Matcher, name: str, country: str | None = None, **known: object) -> str | None:
    """The prefixed name of the city that a name is taken for."""
    point = known.pop("point", None)
    found = matcher.match(
        name,
        PREFIXES["cc"] + country if country else None,
        Point(*point) if isinstance(point, tuple) else None,
        kind=ONT + "City",
        **known,  # type: ignore[arg-type]
    )
    return None if found.match is None else shorten(found.match.iri)


@pytest.mark.parametrize(
    ("name", "country", "city"),
    [
        ("KLAIPEDA", "LTU", "city:lt-klaipeda"),
        ("Memel", "LTU", "city:lt-klaipeda"),
        ("Klaipėdos", "LTU", "city:lt-klaipeda"),
        ("Klaipedoje", "LTU", "city:lt-klaipeda"),
        ("v Ljubljani", "SVN", "city:si-ljubljana"),
        ("Ljubljano", "SVN", "city:si-ljubljana"),
        ("Lodz", "POL", "city:pl-lodz"),
        ("Athina", "GRC", "city:gr-athina"),
        ("ΑΘΗΝΑ", "GRC", "city:gr-athina"),
        ("Sankt Pölten", "AUT", "city:at-st-polten"),
        ("Sankt Poelten", "AUT", "city:at-st-polten"),
        ("Bolzano/Bozen", "ITA", "city:it-bolzano"),
        ("Bozen - Bolzano", "ITA", "city:it-bolzano"),
        ("Napoli (Naples)", "ITA", "city:it-napoli"),
        ("Comune di Napoli", "ITA", "city:it-napoli"),
        ("Ayuntamiento de Valencia", "ESP", "city:es-valencia"),
    ],
)
def test_a_name_written_otherwise_is_the_city(
    matcher: Matcher, name: str, country: str, city: str
) -> None:
    assert place(matcher, name, country) == city


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Valencia", "VEN"),
        ("Córdoba", "ARG"),
        ("Bergen", "NLD"),
        ("Breda", "ESP"),
        ("Provincia di Napoli", "ITA"),
        ("Città metropolitana di Napoli", "ITA"),
        ("Region of Valencia", "ESP"),
        ("Mancomunidad de Valencia", "ESP"),
        ("Klaipėdos rajono savivaldybė", "LTU"),
        ("Casalnuovo di Napoli", "ITA"),
        ("Valencia del Ventoso", "ESP"),
        ("Alkmaar, Breda, Heiloo", "NLD"),
        ("Bordeaux", "FRA"),
        ("Frankfurt (Oder)", "DEU"),
        ("Karşıyaka - Napoli", "ITA"),
        ("Ljubljna", "SVN"),
    ],
)
def test_a_namesake_a_part_an_area_or_a_slip_is_not_the_city(
    matcher: Matcher, name: str, country: str
) -> None:
    assert place(matcher, name, country) is None


def test_one_name_in_two_countries_is_told_apart_by_country_or_by_position(
    matcher: Matcher,
) -> None:
    assert place(matcher, "Bergen", "NOR") == "city:no-bergen"
    assert place(matcher, "Bergen", "BEL") == "city:be-mons"
    assert place(matcher, "Bergen", point=(60.39, 5.32)) == "city:no-bergen"
    assert matcher.match("Bergen").match is None


def test_two_places_of_a_name_in_one_country_are_never_guessed(matcher: Matcher) -> None:
    found = matcher.match("Halle", PREFIXES["cc"] + "DEU")
    assert found.match is None
    assert {shorten(c.iri) for c in found.candidates if c.record.body is None} == {
        "city:de-halle",
        "city:de-halle-westfalen",
    }


def test_a_name_at_another_place_is_not_the_city(matcher: Matcher) -> None:
    frankfurt_oder = (52.34, 14.55)
    found = matcher.match("Frankfurt", PREFIXES["cc"] + "DEU", Point(*frankfurt_oder))
    assert (found.match, found.why) == (None, Why.FAR)
    assert place(matcher, "Frankfurt", "DEU", point=(50.11, 8.68)) == "city:de-frankfurt-am-main"


def test_another_population_speaks_against_a_match_where_no_position_is_known(
    matcher: Matcher,
) -> None:
    spain = PREFIXES["cc"] + "ESP"
    assert matcher.match("Córdoba", spain, population=3_000).why == Why.SIZE
    assert matcher.match("Córdoba", spain, population=320_000).why == Why.MATCH


def test_population_and_position_alone_make_no_match(matcher: Matcher) -> None:
    found = matcher.match(
        "Paterna", PREFIXES["cc"] + "ESP", Point(39.47, -0.38), population=824_000
    )
    assert found.match is None


def test_a_name_alone_makes_no_match_for_a_place_and_does_for_a_network(matcher: Matcher) -> None:
    alone = matcher.match("Klaipėda")
    assert (alone.match, alone.why) == (None, Why.CONTEXT)
    assert alone.candidates
    network = matcher.match("RU:RBAN")
    assert network.match is not None
    assert shorten(network.match.iri) == "net:urbact-rurban"


def test_of_a_city_and_its_body_the_one_that_is_asked_for_is_taken(matcher: Matcher) -> None:
    lithuania = PREFIXES["cc"] + "LTU"
    plain, of_body = (matcher.match(name, lithuania) for name in ("Klaipėda", "City of Klaipėda"))
    asked = matcher.match("Klaipėda", lithuania, kind=MUNICIPALITY)
    assert [shorten(found.match.iri) for found in (plain, of_body, asked) if found.match] == [
        "city:lt-klaipeda",
        "mun:lt-klaipeda",
        "mun:lt-klaipeda",
    ]


def test_who_has_the_whole_name_goes_before_who_has_it_as_a_part(small: list[Record]) -> None:
    naples = next(record for record in small if record.label == "Naples")
    suburb = replace(naples, iri="x:suburb", names=(Name("Casoria - Napoli", "it"),))
    found = Matcher([naples, suburb]).match("Napoli", naples.country)
    assert found.match is not None
    assert found.match.iri == naples.iri


def test_a_body_is_matched_by_its_own_kind(matcher: Matcher) -> None:
    france = PREFIXES["cc"] + "FRA"
    for name in ("BORDEAUX METROPOLE", "Métropole de Bordeaux"):
        found = matcher.match(name, france, kind=MUNICIPALITY)
        assert found.match is not None, name
        assert shorten(found.match.iri) == "mun:fr-bordeaux-metropole"


def test_a_kind_that_the_table_tells_counts_as_much_as_words(matcher: Matcher) -> None:
    query = Query("Valencia", PREFIXES["cc"] + "ESP", body=BodyKind.REGION)
    assert matcher.decide(query).why == Why.KIND


def test_the_country_may_stand_in_the_name() -> None:
    lithuania = PREFIXES["cc"] + "LTU"
    country = Record(lithuania, names=(Name("Lithuania", "en"),), codes=("LT",))
    city = Record("x:kaunas", names=(Name("Kaunas", "en"),), country=lithuania, is_located=True)
    matcher = Matcher([country, city])
    for name in ("Kaunas, Lithuania", "Kaunas (LT)", "KAUNAS LITHUANIA"):
        found = matcher.match(name, lithuania)
        assert found.match is not None, name


def test_a_slip_gives_a_candidate_and_no_match(matcher: Matcher) -> None:
    found = matcher.match("Klaipda", PREFIXES["cc"] + "LTU", Point(55.71, 21.13))
    assert (found.match, found.why, found.is_open) == (None, Why.INEXACT, True)
    assert found.likely[0].features.form == Form.NEAR


def test_scores_are_between_0_and_100_and_the_match_is_first(matcher: Matcher) -> None:
    for name in ("Bergen", "Halle", "Valencia", "Napoli", "Frankfurt", "Klaipda"):
        found = matcher.match(name, PREFIXES["cc"] + "DEU")
        assert all(0 <= candidate.score <= 100 for candidate in found.candidates)
        scores = [candidate.score for candidate in found.candidates]
        assert scores == sorted(scores, reverse=True)
        assert found.match is None or found.candidates[0] == found.match


def test_nothing_is_found_where_nothing_is_like_it(matcher: Matcher) -> None:
    for name in ("", "…", "Qwertzuiop"):
        found = matcher.match(name, PREFIXES["cc"] + "DEU")
        assert (found.match, found.candidates, found.why) == (None, (), Why.NOTHING)
