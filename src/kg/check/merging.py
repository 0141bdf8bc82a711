"""One mistake, one finding: what several rules, or several parts of one, say of the same thing.

A value of the wrong kind breaks several constraints of its shape at once, and a tag that no list
has breaks the rule of labels as well as that of tags.
"""

from collections.abc import Iterable
from typing import Final

from kg.findings import Finding

# A rule, and the rules that say the same and more of what ends at the same place.
_STRONGER: Final = {"NMS06": ("LBL02", "LBL06")}


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without those that say again what another one says.

    Of the results of one rule on one value the first stays, in the order of their components.
    """
    kept: dict[tuple[object, ...], Finding] = {}
    codes: dict[tuple[str, int, int], set[str]] = {}
    for each in sorted(findings, key=lambda found: found.component):
        said = (each.code, each.span, each.said, each.focus, each.property, each.value)
        kept.setdefault(said, each)
        codes.setdefault(_end(each), set()).add(each.code)
    return [
        each
        for each in kept.values()
        if not codes[_end(each)].intersection(_STRONGER.get(each.code, ()))
    ]


def _end(found: Finding) -> tuple[str, int, int]:
    return found.path, found.span.end_line, found.span.end_column
