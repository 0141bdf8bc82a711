"""Words that no template has: names of languages, and headings of what belongs to a thing."""

from typing import Final

from babel import Locale
from babel.core import get_global

from kg.web.i18n import LANGUAGES, mark

# Of `kg.description.relations.TIES`, so that they are found for translation.
HEADINGS: Final = (
    mark("Activities"),
    mark("Approvals"),
    mark("Concepts"),
    mark("Decisions"),
    mark("Documents as party"),
    mark("Duties"),
    mark("Editions"),
    mark("Funding arrangements"),
    mark("Goals"),
    mark("Governed by"),
    mark("Label decisions"),
    mark("Own aims"),
    mark("Participants"),
    mark("Participations"),
    mark("Payments"),
    mark("Phases"),
    mark("Progress reports"),
    mark("Public roles"),
    mark("Recognitions"),
    mark("Reported figures"),
    mark("Role holders"),
    mark("Signatures"),
    mark("Signed by hand"),
    mark("Signings"),
    mark("Targets"),
    mark("Undertakings"),
)


def language_name(iri: str, language: str) -> str:
    """Return the name of a language in another one; its code where that is not known.

    Args:
        iri: Of the EU language table, which ends in the code of ISO 639-3.
        language: Of the interface.

    >>> language_name("http://publications.europa.eu/resource/authority/language/LIT", "en")
    'Lithuanian'
    """
    code = iri.rpartition("/")[2]
    short = get_global("language_aliases").get(code.lower(), code.lower())
    return str(Locale.parse(language).languages.get(short, code))


for _language in LANGUAGES:  # a worker can open no file, so what Babel reads is read now
    language_name("LIT", _language)
