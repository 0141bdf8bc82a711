"""A query in parts, each with its place in the text.

Offsets count code points of the text. What a part says is kept as text, because it is asked again
as text; only terms are also kept as terms.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import pyoxigraph as ox

from kg.query.guard import Form

Known = ox.NamedNode | ox.Literal
Kind = Literal[
    "pattern",
    "filter",
    "values",
    "bind",
    "optional",
    "union",
    "group",
    "graph",
    "minus",
    "select",
]


@dataclass(frozen=True)
class Part:
    """What stands at one place of a pattern: a term, a variable or a property path.

    Attributes:
        text: As it is asked; a blank node is asked as a variable.
        start: Offset of its first character.
        end: Offset after its last character.
        term: The term; None for a variable and for a path of more than one property.
        variable: Name without the sign; empty for anything else.
        names: The IRIs in a path, as parts.
    """

    text: str
    start: int
    end: int
    term: Known | None = None
    variable: str = ""
    names: tuple["Part", ...] = ()


@dataclass(frozen=True)
class Element:
    """A part of a group.

    Attributes:
        kind: What it is.
        start: Offset of its first character.
        end: Offset after its last character.
        text: As it is asked.
        variables: Names of all variables in it.
    """

    kind: Kind
    start: int
    end: int
    text: str
    variables: frozenset[str]


@dataclass(frozen=True)
class Pattern(Element):
    """A triple pattern."""

    subject: Part
    verb: Part
    object: Part

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        """Subject, verb and object."""
        return self.subject, self.verb, self.object

    def with_part(self, position: int, text: str, variable: str) -> "Pattern":
        """Return the pattern with a variable in the place of one part."""
        parts = list(self.parts)
        parts[position] = replace(parts[position], text=text, term=None, variable=variable)
        return pattern(self.start, self.end, *parts)

    def reversed(self) -> "Pattern":
        """Return the pattern with subject and object in each other's place."""
        return pattern(self.start, self.end, self.object, self.verb, self.subject)


def pattern(start: int, end: int, subject: Part, verb: Part, value: Part) -> Pattern:
    """Return the pattern of three parts."""
    named = frozenset(part.variable for part in (subject, verb, value) if part.variable)
    text = f"{subject.text} {verb.text} {value.text} ."
    return Pattern("pattern", start, end, text, named, subject, verb, value)


@dataclass(frozen=True)
class Block(Element):
    """A part with groups in it: OPTIONAL, MINUS, GRAPH, UNION, a group or a sub-select.

    Attributes:
        groups: The groups; several for UNION only.
        name: Of GRAPH, what names the graph.
    """

    groups: tuple["Group", ...] = ()
    name: Part | None = None


@dataclass(frozen=True)
class Restriction(Element):
    """A FILTER, or a HAVING.

    Attributes:
        expression: What it tests.
        constants: The terms in it.
        is_pattern: Whether it tests a pattern, by EXISTS.
    """

    expression: str = ""
    constants: tuple[Part, ...] = ()
    is_pattern: bool = False


@dataclass(frozen=True)
class Values(Element):
    """A table of terms.

    Attributes:
        names: Of its variables, in order.
        rows: Its terms; None for UNDEF.
    """

    names: tuple[str, ...] = ()
    rows: tuple[tuple[Part | None, ...], ...] = ()


@dataclass(frozen=True)
class Group:
    """A group in braces.

    Attributes:
        start: Offset of the opening brace.
        end: Offset after the closing brace.
        elements: Its parts; empty for a sub-select.
        select: The sub-select that it is, or None.
    """

    start: int
    end: int
    elements: tuple[Element, ...] = ()
    select: "Query | None" = None


@dataclass(frozen=True)
class Query:
    """A query, or a sub-select.

    Attributes:
        text: Of the whole request; offsets are offsets in it.
        form: Of the query.
        prologue: Its BASE and PREFIX lines.
        start: Offset of the word that is its form.
        end: Offset after its last character.
        head: What stands between that word and the dataset or the pattern.
        graphs: Those that FROM and FROM NAMED name.
        described: Of DESCRIBE, the terms that it names.
        where: Its pattern; None where it has none.
        grouping: Its GROUP BY clause, or empty.
        havings: What its HAVING clause tests.
        limit: The number of LIMIT with its word, or None.
        offset: The same for OFFSET.
        cut: Where LIMIT and OFFSET stand, as (start, end); empty where they do not.
    """

    text: str
    form: Form
    prologue: str
    start: int
    end: int
    head: str
    graphs: tuple[Part, ...] = ()
    described: tuple[Part, ...] = ()
    where: Group | None = None
    grouping: str = ""
    havings: tuple[Restriction, ...] = ()
    limit: int | None = None
    offset: int | None = None
    cut: tuple[tuple[int, int], ...] = field(default=())

    @property
    def is_total(self) -> bool:
        """Whether it is one row of totals: aggregates, and no GROUP BY."""
        return self.form == "SELECT" and not self.grouping and _has_aggregate(self.head)


_AGGREGATES = ("COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT")


def _has_aggregate(head: str) -> bool:
    words = head.upper().replace("(", " ( ").split()
    return any(
        word in _AGGREGATES and words[at + 1 : at + 2] == ["("] for at, word in enumerate(words)
    )


def as_text(elements: Iterable[Element]) -> str:
    """Return the text of some parts of a group, one after the other."""
    return "\n".join(element.text for element in elements)


def all_elements(group: Group) -> Iterator[Element]:
    """Yield all parts of a group and of the groups in it."""
    inner = group.select.where if group.select is not None else None
    for element in (*group.elements, *(inner.elements if inner is not None else ())):
        yield element
        if isinstance(element, Block):
            for each in element.groups:
                yield from all_elements(each)
