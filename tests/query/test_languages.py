"""Labels in the language of the reader: RFC 4647 look-up, then a fixed order."""

import itertools

import pytest

from kg.languages import Label, choose_label, preferred_languages

WIEN = Label("Wien", "de")
VIENNA = Label("Vienna", "en")
DUNAJ = Label("Dunaj", "sl")
MUL = Label("VIE", "mul")
BARE = Label("W", "")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ()),
        ("", ()),
        ("lt", ("lt",)),
        ("sl;q=0.8, lt-LT, en;q=0", ("lt-lt", "sl")),
        ("da, en-gb;q=0.8, en;q=0.7", ("da", "en-gb", "en")),  # RFC 9110, 12.5.4
        ("*", ()),
        ("en;q=x, lt", ("lt",)),
        ("en;q=1.0.0, lt;q=.5", ("lt",)),
        ("<script>, lt", ("lt",)),
    ],
)
def test_accept_language_gives_tags_in_order_of_weight(
    header: str | None, expected: tuple[str, ...]
) -> None:
    assert preferred_languages(header) == expected


@pytest.mark.parametrize(
    ("labels", "languages", "country", "expected"),
    [
        ([WIEN, VIENNA, DUNAJ], ["sl"], None, DUNAJ),
        ([WIEN, VIENNA], ["de-AT"], None, WIEN),
        ([Label("Viena", "pt-BR"), DUNAJ], ["pt"], None, Label("Viena", "pt-BR")),
        ([MUL, VIENNA, WIEN], [], None, MUL),
        ([VIENNA, WIEN], ["lt"], None, VIENNA),
        ([DUNAJ, WIEN], ["lt"], "AUT", WIEN),
        ([DUNAJ, WIEN], [], None, WIEN),
        ([BARE, DUNAJ], [], None, DUNAJ),
        ([BARE], ["lt"], None, BARE),
    ],
)
def test_the_label_is_the_readers_then_mul_then_english_then_the_countrys(
    labels: list[Label], languages: list[str], country: str | None, expected: Label
) -> None:
    for order in itertools.permutations(labels):
        assert choose_label(order, languages=languages, country=country) == expected


def test_a_thing_without_labels_has_none() -> None:
    assert choose_label([]) is None
