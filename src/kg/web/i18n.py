"""The language of the interface: what pages say, numbers and days as readers write them, order.

It is apart from the language of each name in the graph (`kg.languages`), which a page marks with
`lang`. A path may begin with a language (`/lt/search`), which a reader has chosen; without one it
is the first that the reader accepts. Catalogues are `locale/*.po`, as gettext has them, compiled in
memory; English is the text in the templates itself.
"""

import functools
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from anyascii import anyascii
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from kg.languages import mark as mark  # for the modules that fill templates

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "lt": "Lietuvių", "sl": "Slovenščina"}
LOCALES: Final = Path(__file__).parent / "locale"
_PREFIX: Final = re.compile(rf"/({'|'.join(LANGUAGES)})(?=/|$)")
# English as it is written in Europe: 22 November 2026, and not November 22, 2026.
_LOCALE: Final = {"en": "en_GB", "lt": "lt", "sl": "sl"}
# Letters that follow their plain one in the alphabet; elsewhere marks only break ties.
_AFTER: Final = {
    "en": str.maketrans({}),
    "lt": str.maketrans({"č": "c~", "š": "s~", "ž": "z~", "y": "i"}),
    "sl": str.maketrans({"č": "c~", "ć": "c~~", "đ": "d~", "š": "s~", "ž": "z~"}),
}


def split_language(path: str) -> tuple[str, str]:
    """Return the language that a path begins with, or nothing, and the path without it.

    >>> split_language("/lt/search"), split_language("/sl"), split_language("/ltx")
    (('lt', '/search'), ('sl', '/'), ('', '/ltx'))
    """
    found = _PREFIX.match(path)
    return (found[1], path[found.end() :] or "/") if found else ("", path)


def interface_language(wanted: Sequence[str]) -> str:
    """Return the language of the interface for a reader of some languages, best first.

    >>> interface_language(["de", "sl-si", "lt"]), interface_language([])
    ('sl', 'en')
    """
    plain = (tag.partition("-")[0] for tag in wanted)
    return next((tag for tag in plain if tag in LANGUAGES), "en")


def number(value: float, language: str) -> str:
    """Return a number with the separators of a language.

    >>> number(11973, "en")
    '11,973'
    """
    return str(format_decimal(value, locale=_LOCALE[language]))


def day(value: str, language: str) -> str:
    """Return a day, a month or a year as a reader of a language writes it.

    What is none of them comes back as it is.

    Args:
        value: As XSD has it: `2021-06-01`, `2021-06` or `2021`; a time after the day is left out.
        language: Of the interface.

    >>> day("2021-06-01", "en"), day("2021-06", "en"), day("2021", "lt"), day("soon", "en")
    ('1 June 2021', 'June 2021', '2021', 'soon')
    """
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?(?:Z|[+-]\d\d:\d\d)?", value)
    if found is None:
        return value
    year, month, in_month = found.groups()
    if month is None:
        return year
    try:
        parsed = date(int(year), int(month), int(in_month or 1))
    except ValueError:
        return value
    if in_month is None:
        return str(format_skeleton("yMMMM", parsed, locale=_LOCALE[language]))
    return str(format_date(parsed, "long", locale=_LOCALE[language]))


def sort_key(text: str, language: str) -> tuple[str, str]:
    """Return what names are sorted by in a list for readers of a language.

    >>> sorted(["Žalec", "Zreče", "Celje", "Črna"], key=lambda each: sort_key(each, "sl"))
    ['Celje', 'Črna', 'Zreče', 'Žalec']
    """
    folded = text.casefold().translate(_AFTER[language])
    return anyascii(folded), folded


@functools.cache
def catalogue(language: str) -> Translations:
    """Return the messages of a language; read once, before a worker may open no file.

    Raises:
        OSError: The file is not there.
    """
    compiled = io.BytesIO()
    with (LOCALES / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)


def install(environment: Environment) -> None:
    """Give templates the words of the interface: `gettext`, `ngettext`, `_` and two filters.

    They read the language, `ui`, from what a template is filled with, so that one set of compiled
    templates does for all languages.
    """
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True  # as in babel.cfg
    environment.newstyle_gettext = True  # type: ignore[attr-defined] # said by the extension
    environment.globals.update(gettext=_gettext, ngettext=_ngettext, _=_gettext)
    environment.filters["number"] = _with_language(number)
    environment.filters["day"] = _with_language(day)
    for language in LANGUAGES:  # what Babel reads from files is read now
        number(1000, language), day("2026-11-22", language), day("2026-11", language)
        if language != "en":
            catalogue(language)
    messages()


@functools.cache
def messages() -> frozenset[str]:
    """Return the messages of the interface, in English: what the catalogues translate."""
    with (LOCALES / "lt.po").open("rb") as file:
        ids = [entry.id for entry in read_po(file, locale="lt", abort_invalid=True) if entry.id]
    return frozenset(each if isinstance(each, str) else each[0] for each in ids)


@pass_context
def _gettext(context: Context, message: str, /, **values: Any) -> str:
    if message not in messages():
        return message  # words of the graph, which are escaped as any other
    return _filled(context, _translations(context).gettext(message), values)


@pass_context
def _ngettext(context: Context, one: str, many: str, n: int, /, **values: Any) -> str:
    found = _translations(context).ngettext(one, many, n)
    return _filled(context, found, {"num": n, "n": n, **values})


def _translations(context: Context) -> Any:
    language: str = context["ui"]
    return Translations() if language == "en" else catalogue(language)


def _filled(context: Context, message: str, values: dict[str, Any]) -> str:
    text = Markup(message) if context.eval_ctx.autoescape else message  # noqa: S704 - ours
    return text % values


def _with_language(function: Callable[[Any, str], str]) -> Callable[..., str]:
    @pass_context
    def applied(context: Context, value: Any) -> str:
        return function(value, context["ui"])

    return applied
