"""What a reading of a text holds: tokens, statements, faults, declarations and blocks."""

from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox

from kg.terms import Resource, Term
from kg.turtle.tokens import Token

Edits = tuple[tuple[int, int, str], ...]  # replacements: start, end, what takes their place


class Statement(NamedTuple):
    """A triple and the offsets at which its three terms are written.

    The end of a literal is after its language or datatype; that of `[` and `(` after the bracket.
    """

    subject: Resource
    predicate: ox.NamedNode
    object: Term
    subject_at: int
    predicate_at: int
    object_at: int
    subject_end: int
    predicate_end: int
    object_end: int


class Fault(NamedTuple):
    """One mistake: its rule and wording, its place, and what would mend it.

    Attributes:
        code: The rule.
        variant: Which wording of the rule.
        start: Offset of the first character at fault, or where something is missing.
        end: Offset after the last one; equal to `start` where something is missing.
        args: What the wording is filled with.
        edits: Replacements, each as start, end and text; none where nothing can be proposed.
        is_safe: Whether the edits can only be right.
    """

    code: str
    variant: str
    start: int
    end: int
    args: dict[str, str]
    edits: Edits = ()
    is_safe: bool = False


@dataclass(frozen=True)
class Prefix:
    """One declaration of a prefix.

    Attributes:
        name: Without its colon.
        iri: What it stands for, absolute.
        start: Offset of its first character.
        end: Offset after its dot, or after its IRI where it has none.
        name_at: Offset of the name.
        iri_at: Offset of the IRI.
        is_sparql: Whether it is written `PREFIX`, without a dot.
    """

    name: str
    iri: str
    start: int
    end: int
    name_at: int
    iri_at: int
    is_sparql: bool


@dataclass(frozen=True)
class Block:
    """One statement of the file, from its subject to its dot; directives are none.

    Attributes:
        start: Offset of its first character.
        end: Offset after its dot, or after its last token where the dot is missing.
        subject: What it is about; None where that cannot be read.
        subject_at: Offset of the subject.
    """

    start: int
    end: int
    subject: Resource | None
    subject_at: int


@dataclass
class Reading:
    """All that one text holds.

    Attributes:
        text: The whole text.
        tokens: Every token in order, with comments and with what is at fault.
        statements: The triples that are well-formed.
        faults: Every mistake, in the order of their places.
        prefixes: The declarations.
        blocks: The statements as they are written.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    statements: list[Statement] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    prefixes: list[Prefix] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
