"""The rules that apply to a term, and what the page of one rule shows.

A rule is a shape whose name is its code (`shapes/common.ttl` says how they are written); a carrier
is a shape without a code that ties property shapes to classes.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.languages import Label
from kg.library import mentioned
from kg.namespaces import RDFS, SH
from kg.query.labels import Reader, Shown
from kg.web.vocabularies.graph import Vocabularies, chosen, node, texts
from kg.web.vocabularies.usage import turtle_of

CODE: Final = re.compile(r"[A-Z]{3}\d{2}")
_SEVERITIES: Final = {SH + "Violation": "violation", SH + "Warning": "warning", SH + "Info": "info"}
_QUERIES: Final = (SH + "select", SH + "ask")


class Rule(NamedTuple):
    """A rule as a list names it.

    Attributes:
        iri: Of its shape.
        code: Such as `PLG01`.
        severity: `violation`, `warning` or `info`.
        title: What it is about.
        message: What it demands, without the code.
    """

    iri: str
    code: str
    severity: str
    title: Shown
    message: Shown


@dataclass(frozen=True)
class RulePage:
    """All that the page of one shape shows.

    Attributes:
        rule: What a list of rules has of it.
        names: Its message in each language.
        remedies: What to do about a finding, in each language.
        reason: Why there is the rule.
        targets: Classes whose instances it is about.
        paths: Properties whose values it is about.
        mentions: Other terms that it names.
        parts: Rules that a carrier ties to its targets.
        carriers: Shapes that tie it to classes.
        query: The SPARQL of the rule, if it has any.
        wrong: Turtle that it reports.
        right: The same, put right.
        turtle: The shape itself.
    """

    rule: Rule
    names: tuple[Label, ...]
    remedies: tuple[Label, ...]
    reason: Shown
    targets: tuple[Shown, ...]
    paths: tuple[Shown, ...]
    mentions: tuple[Shown, ...]
    parts: tuple[Rule, ...]
    carriers: tuple[Shown, ...]
    query: str
    wrong: str
    right: str
    turtle: str


class Rules:
    """The shapes of one snapshot, by the terms that they are about."""

    def __init__(self, terms: Vocabularies) -> None:
        """Take the terms; what is said of them is read when it is asked for."""
        self.terms = terms

    def prepare(self) -> None:
        """Work out which rules are about which terms."""
        _ = self._by_target, self._by_mention

    def about(self, term: ox.NamedNode, reader: Reader) -> list[Rule]:
        """Return the rules on instances of a class, or on values of a property, by code."""
        return [self.rule(shape, reader) for shape in self._by_target.get(term.value, ())]

    def naming(self, term: ox.NamedNode, reader: Reader) -> list[Rule]:
        """Return the other rules that name a term, by code."""
        own = set(self._by_target.get(term.value, ()))
        found = self._by_mention.get(term.value, ())
        return [self.rule(shape, reader) for shape in found if shape not in own]

    def rule(self, shape: ox.NamedNode, reader: Reader) -> Rule:
        """Return a shape as a list names it."""
        code = shape.value.rpartition("#")[2]
        severity = self.terms.named(shape, SH + "severity")
        message = chosen(reader, shape, SH + "message")
        return Rule(
            shape.value,
            code,
            _SEVERITIES.get(severity[0].value, "") if severity else "",
            reader.show(shape),
            message._replace(text=message.text.removeprefix(f"{code}: ")),
        )

    def page(self, shape: ox.NamedNode, reader: Reader) -> RulePage:
        """Return all that the page of a shape shows."""
        terms, rule = self.terms, self.rule(shape, reader)
        targets, paths = set(self._targets(shape)), set(self._paths(shape))
        own = f"{terms.base}shapes#"
        others = self._mentions(shape) - targets - paths
        return RulePage(
            rule=rule,
            names=texts(reader, shape, SH + "message", without=f"{rule.code}: "),
            remedies=texts(reader, shape, own + "help"),
            reason=chosen(reader, shape, SH + "description"),
            targets=_shown(reader, targets),
            paths=_shown(reader, paths),
            mentions=_shown(reader, {iri for iri in others if not iri.startswith(own)}),
            parts=tuple(self.rule(part, reader) for part in terms.named(shape, SH + "property")),
            carriers=tuple(reader.show(carrier) for carrier in self._carriers(shape)),
            query=self._query(shape),
            wrong=terms.text(shape, own + "wrong"),
            right=terms.text(shape, own + "right"),
            turtle=turtle_of(sorted(terms.statements(shape), key=str), terms.prefixes),
        )

    def of_document(self, reader: Reader) -> list[Rule]:
        """Return all rules by code."""
        return [self.rule(shape, reader) for shape in self._shapes]

    @cached_property
    def _shapes(self) -> list[ox.NamedNode]:
        found = self.terms.terms_of("shapes")
        return [shape for local, shape in sorted(found.items()) if CODE.fullmatch(local)]

    @cached_property
    def _by_target(self) -> dict[str, list[ox.NamedNode]]:
        found: dict[str, list[ox.NamedNode]] = defaultdict(list)
        for shape in self._shapes:
            for iri in sorted({*self._targets(shape), *self._paths(shape)}):
                found[iri].append(shape)
        return dict(found)

    @cached_property
    def _by_mention(self) -> dict[str, list[ox.NamedNode]]:
        found: dict[str, list[ox.NamedNode]] = defaultdict(list)
        for shape in self._shapes:
            for iri in sorted(self._mentions(shape)):
                found[iri].append(shape)
        return dict(found)

    def _carriers(self, shape: ox.NamedNode) -> list[ox.NamedNode]:
        return self.terms.subjects(SH + "property", shape)

    def _targets(self, shape: ox.NamedNode) -> Iterator[str]:
        for carrier in (shape, *self._carriers(shape)):
            for target in self.terms.named(carrier, SH + "targetClass"):
                yield target.value

    def _paths(self, shape: ox.NamedNode) -> Iterator[str]:
        """Give the properties in the paths of a shape and of those nested in it."""
        waiting = [
            t.object for t in self.terms.statements(shape) if t.predicate.value == SH + "path"
        ]
        while waiting:
            path = waiting.pop()
            if isinstance(path, ox.NamedNode):
                yield path.value
            elif isinstance(path, ox.BlankNode):
                steps = self.terms.statements(path)
                for step in steps:
                    if isinstance(step.object, ox.NamedNode):
                        yield step.object.value

    def _mentions(self, shape: ox.NamedNode) -> set[str]:
        """Return the terms that a shape names, in statements or in its query."""
        said = self.terms.statements(shape)
        found = {t.object.value for t in said if isinstance(t.object, ox.NamedNode)}
        found |= mentioned(self._query(shape), self.terms.prefixes)
        return {iri for iri in found if not iri.startswith(SH)}

    def _query(self, shape: ox.NamedNode) -> str:
        for triple in self.terms.statements(shape):
            if triple.predicate.value in _QUERIES and isinstance(triple.object, ox.Literal):
                return _dedented(triple.object.value)
        return ""


def _dedented(text: str) -> str:
    return dedent(text.strip("\n")).strip() + "\n"


def _shown(reader: Reader, iris: set[str]) -> tuple[Shown, ...]:
    return tuple(reader.show(node(iri)) for iri in sorted(iris) if iri != RDFS + "Resource")
