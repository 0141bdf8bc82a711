"""E-mail addresses and telephone numbers: what no output ever repeats.

The rules of `shapes/privacy.ttl` find contact data in the graph. Here it is found in any text, so
that a finding, a line of a file or a diff can be shown without it: also where a file is not
well-formed, and where another rule is about the same line.
"""

import re
from typing import Final

from kg.namespaces import PREFIXES

HIDDEN: Final = "•"  # stands for each hidden character, so that columns stay what they are

# No text without one of these signs or words in it holds contact data.
_TELLTALE: Final = re.compile(
    r"@|\\u0040|[({ ](?:at|eta|afna)[)} ]|\d(?:\D{0,3}\d){5}|"
    r"\b(?:mailto|tel|fax|sms|skype|callto|whatsapp):",
    re.IGNORECASE,
)
_CONTACT: Final = re.compile(
    r"""
      (?: mailto | tel | fax | sms | skype | callto | whatsapp ) : [^\s<>"',;]+
    | [\w.%+-]+ (?: @ | \\u0040 | \\U00000040 ) [\w.-]+ [.] [^\W\d_]{2,}
    | [\w.%+-]+ [ ]? [({] [ ]? (?: at | eta | afna ) [ ]? [)}] [ ]? [\w-]+ [.] [^\W\d_]+
    | [+] \d{1,3} (?: [ ().-]* \d ){7,}
    | (?<! [0-9A-Za-z] ) 00 [1-9] \d{1,2} (?: [ ().-]* \d ){7,}
    | (?<! [0-9A-Za-z.,:/-] ) [(]? [08] [ -] [(]? [3-8] (?: [ )-]{0,2} \d ){7} (?! \d )
    | (?<! [0-9A-Za-z.,:/-] ) [(]? 0[1-7] [)]? [ /-]{1,2} \d (?: [ -]? \d ){6} (?! \d )
    | (?<! [0-9A-Za-z.,:/-] ) [(]? 0[3-7]\d [)]? [ /-]{1,2} \d (?: [ -]? \d ){5} (?! \d )
    | (?<! [a-z] ) (?: tel | telef | telefon[a-z]* | phone | mob | mobil[a-z]* | faks[a-z]*
        | fax | gsm ) [.:]{0,2} [ ]? (?: (?: nr | no ) [.]? )? [ ]? [(+]? \d
        (?: [ ().-]* \d ){5,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The value of a property that is made for contact data, whatever it looks like.
_FIELD: Final = re.compile(
    r"(?:foaf:(?:mbox|mbox_sha1sum|phone)|(?:schema|m8g):(?:email|telephone|faxNumber)|vcard:\w+|"
    + "|".join(
        re.escape(f"<{PREFIXES[prefix]}{name}>")
        for prefix, name in (
            ("foaf", "mbox"),
            ("foaf", "phone"),
            ("schema", "email"),
            ("schema", "telephone"),
        )
    )
    + r")\s+(\S.*?)(?=\s*(?:[;.]\s|[;.]?$))",
    re.MULTILINE,
)


def is_in(text: str) -> bool:
    """Tell whether a text holds contact data."""
    return _TELLTALE.search(text) is not None and _CONTACT.search(text) is not None


def without(text: str) -> str:
    """Return a text with an ellipsis for its contact data.

    >>> without("call +000 00 00 00 00")
    'call …'
    """
    return _CONTACT.sub("…", text) if _TELLTALE.search(text) else text


def masked(line: str) -> str:
    """Return a line of Turtle with its contact data hidden, as long as it was.

    >>> masked("call +000 00 00 00 00 now")
    'call •••••••••••••••• now'
    """
    hidden = _FIELD.sub(
        lambda match: line[match.start() : match.start(1)] + HIDDEN * len(match[1]), line
    )
    if not _TELLTALE.search(hidden):
        return hidden
    return _CONTACT.sub(lambda match: HIDDEN * len(match[0]), hidden)
