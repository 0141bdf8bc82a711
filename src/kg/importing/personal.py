"""Columns about people: never read, by their names and by what their cells look like.

A mapping cannot ask for them. What makes it through under another name is caught cell by cell: a
text with an e-mail address or a telephone number in it costs the row.
"""

import re
from typing import Final

from kg import contact
from kg.importing.cells import Fault

# Words of the names of columns, in the languages of the datasets that are known.
_WORDS: Final = frozenset(
    [
        "mayor",
        "mayors",
        "burgomaster",
        "alcalde",
        "alcaldesa",
        "sindaco",
        "sindaca",
        "maire",
        "bürgermeister",
        "burgermeister",
        "burmistrz",
        "prezydent",
        "primar",
        "primator",
        "starosta",
        "polgármester",
        "župan",
        "župan",
        "zupan",
        "meras",
        "merė",
        "mere",
        "email",
        "mail",
        "mbox",
        "telephone",
        "phone",
        "tel",
        "mobile",
        "fax",
        "telefon",
        "telefono",
        "teléfono",
        "téléphone",
        "telefonas",
        "contact",
        "contacts",
        "kontakt",
        "kontaktas",
        "contactperson",
        "firstname",
        "lastname",
        "surname",
        "forename",
        "fullname",
        "person",
        "persons",
        "people",
        "birthday",
        "birthdate",
        "gender",
        "sex",
        "salutation",
        "signedby",
        "ansprechpartner",
        "ansprechpartnerin",
        "ansprechperson",
        "vorname",
        "nachname",
        "familienname",
        "prénom",
        "apellido",
        "apellidos",
        "cognome",
        "nazwisko",
        "pavardė",
        "priimek",
        "signatory_person",
        "street",
        "postcode",
        "zip",
        "address",
        "adresas",
        "naslov",
    ]
)
_SPLIT: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


def is_name(column: str) -> bool:
    """Tell whether the name of a column says that it is about a person or how to reach one.

    >>> is_name("Mayor"), is_name("contact_email"), is_name("commitment_mayoradapt_flag")
    (True, True, False)
    """
    words = [word.casefold() for word in _SPLIT.split(column) if word]
    return not _WORDS.isdisjoint(words) or "".join(words) in _WORDS


def refusal(column: str) -> str:
    """Return why a column is not read."""
    return (
        f"column {column!r} is about a person or how to reach one and is never imported; leave it "
        "out (people are described by hand, with a public role and a source)"
    )


def fault(text: str) -> Fault | None:
    """Return what is wrong with a text that holds contact data; the text is not repeated."""
    if not contact.is_in(text):
        return None
    return Fault(
        "contact data",
        "the cell holds an e-mail address or a telephone number",
        "take the contact data out of the file",
    )
