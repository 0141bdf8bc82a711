"""Language tags that are not registered, or have a shorter or newer form.

The registry is the one of IANA, as the package langcodes has it; it is looked at only for tags that
are not on the short list of those in daily use. The case of tags is a rule on the text (TXT01).
"""

import re
from collections.abc import Iterator
from typing import Final

from kg.check.catalogue import finding
from kg.check.places import span
from kg.dataset import SourceFile
from kg.findings import Edit, Finding, Fix, Text

# Tags in daily use, and right.
_KNOWN: Final = (
    "bg|bs|ca|cnr|cs|cy|da|de|el|en(?:-GB|-US)?|es|et|eu|fi|fr|ga|gl|he|hr|hu|hy|is|it|ka|la|lb|lt|"
    "lv|mk|mt|mul|nb|nl|nn|no|pl|pt(?:-BR)?|rm|ro|ru|sk|sl|sq|sr(?:-Cyrl|-Latn)?|sv|tr|uk|und"
)
_OTHER: Final = re.compile(
    rf"@(?!(?:prefix|base|{_KNOWN})(?![A-Za-z0-9-]))(?<=[\"']@)([A-Za-z]+(?:-[A-Za-z0-9]+)*)"
)


def check(file: SourceFile) -> Iterator[Finding]:
    """Yield the findings on the language tags of one well-formed file."""
    tags = set(_OTHER.findall(file.text))
    wrong = {tag: right for tag in tags if (right := _right(tag)) != tag.lower()}
    if not wrong:
        return
    for token in file.reading.tokens:
        tag = token.text[1:]
        if token.kind != "language" or tag not in wrong:
            continue
        right = wrong[tag] and f"@{wrong[tag]}"
        title = Text(f"write {right}", f"rašykite {right}", f"napišite {right}")
        edit = Edit(file.name, token.start, token.end, right)
        yield finding(
            "NMS06",
            "other" if right else "unknown",
            span(file, token.start, token.end),
            {"found": token.text, "right": right},
            found=token.text,
            fixes=(Fix(title, (edit,)),) if right else (),
        )


def _right(tag: str) -> str:
    """Return a tag in small letters as it should be, with its case where it should be another one.

    An empty text for one that means nothing.
    """
    from langcodes import standardize_tag, tag_is_valid

    if not tag_is_valid(tag):
        return ""
    standard = standardize_tag(tag)
    is_same = sorted(standard.lower().split("-")) == sorted(tag.lower().split("-"))
    return tag.lower() if is_same else standard
