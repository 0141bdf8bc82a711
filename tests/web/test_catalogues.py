"""The words of the interface: each is translated, and has the same places to fill in."""

import gettext
import io
import re
from pathlib import Path

import pytest
from babel import Locale
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

import kg
from kg.web.i18n import LOCALES, install

SOURCE = Path(kg.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None, "ProtocolError": (2,)}
PLACE = re.compile(r"%\((\w+)\)[sd]")


def texts(message) -> list[str]:
    """A message in all its plural forms, or in its only one."""
    return [message] if isinstance(message, str) else list(message)


@pytest.fixture(scope="module")
def written() -> list[str | tuple[str, ...]]:
    """The messages in templates and code."""
    with (LOCALES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(SOURCE, method_map=methods, options_map=options, keywords=KEYWORDS)
    return [message for _, _, message, _, _ in found]


def catalogue(language: str) -> Catalog:
    return read_po(io.BytesIO((LOCALES / f"{language}.po").read_bytes()), locale=language)


@pytest.mark.parametrize("language", ["lt", "sl"])
def test_every_message_is_translated(written, language):
    known = catalogue(language)
    missing = []
    for message in written:
        entry = known.get(texts(message)[0])
        if entry is None or not all(texts(entry.string)) or entry.fuzzy:
            missing.append(texts(message)[0])
    assert sorted(set(missing)) == []


@pytest.mark.parametrize("language", ["lt", "sl"])
def test_no_translation_is_of_a_message_that_is_gone(written, language):
    ids = {texts(message)[0] for message in written}
    assert (
        sorted(texts(e.id)[0] for e in catalogue(language) if e.id and texts(e.id)[0] not in ids)
        == []
    )


@pytest.mark.parametrize("language", ["lt", "sl"])
def test_a_translation_has_the_places_of_its_message(language):
    for entry in catalogue(language):
        if not entry.id:
            continue
        wanted = {place for text in texts(entry.id) for place in PLACE.findall(text)}
        for text in texts(entry.string):
            assert set(PLACE.findall(text)) <= wanted, entry.id
        assert wanted <= {place for text in texts(entry.string) for place in PLACE.findall(text)}


@pytest.mark.parametrize(("language", "forms"), [("lt", 3), ("sl", 4)])
def test_numbers_have_the_forms_of_the_language(language, forms):
    """CLDR: Lithuanian has one, few and other for whole numbers; Slovenian one, two, few, other."""
    assert catalogue(language).num_plurals == forms
    for entry in catalogue(language):
        if isinstance(entry.id, tuple | list):
            assert len(entry.string) == forms


@pytest.mark.parametrize("language", ["lt", "sl"])
def test_each_number_has_the_form_that_the_language_wants(language):
    """CLDR's rules tell the category of a number; the categories have one form each, in order."""
    form_of = gettext.c2py(catalogue(language).plural_expr)
    category_of = Locale(language).plural_form
    order = [
        name for name in ("one", "two", "few", "other") if name in {*category_of.tags, "other"}
    ]
    for number in range(1000):
        assert order[form_of(number)] == category_of(number), number


def test_words_that_are_no_message_are_text():
    """A template may ask for words of the graph; whatever they hold, it is escaped."""
    environment = Environment(autoescape=True)
    install(environment)
    template = environment.from_string("{{ _(words) }}")
    assert template.render(ui="lt", words="<b>100 %</b>") == "&lt;b&gt;100 %&lt;/b&gt;"
    assert template.render(ui="lt", words="Search") == "Ieškoti"
