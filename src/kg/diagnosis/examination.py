"""One look at a query: the faults of its parts, in the order in which they take effect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from kg.diagnosis.blame import Blame, blame
from kg.diagnosis.lexicon import Lexicon, twins
from kg.diagnosis.model import Edit, Finding, Near, Step
from kg.diagnosis.modifiers import explain_modifiers
from kg.diagnosis.probing import View, Wrap
from kg.diagnosis.restrictions import Restrictions
from kg.diagnosis.statements import Statements
from kg.diagnosis.terms import Terms
from kg.diagnosis.tree import Block, Element, Group, Part, Pattern, Query, all_elements
from kg.diagnosis.values import as_near
from kg.diagnosis.words import finding
from kg.query.evaluation import Dataset

_NESTED: Final = 8  # groups within groups that are looked into


@dataclass
class Look:
    """What one look at a query has found."""

    findings: list[Finding]
    steps: tuple[Step, ...] = ()


class Examination:
    """Looks for faults of one query, in the order in which they take effect."""

    def __init__(self, dataset: Dataset, lexicon: Lexicon, query: Query, terms: Terms) -> None:
        self._lexicon = lexicon
        self._terms = terms
        self._view = View(dataset, query)
        self._statements = Statements(self._view, lexicon, terms)
        self._restrictions = Restrictions(self._view, lexicon, terms, query.text)

    def look(self, query: Query) -> Look:
        """Return what is wrong with the query.

        Raises:
            UnreadError: A part of it cannot be asked by itself.
        """
        absent = [found for part in query.graphs for found in self._no_graph(part)]
        if absent:
            return Look(absent)
        if query.where is None:
            return Look(self._undescribed(query))
        look = self._group(query.where, (), 0)
        if not look.findings and not any(step.fails for step in look.steps):
            look.steps = (*look.steps, *_modifier_steps(query))
            look.findings = self._undescribed(query) + explain_modifiers(self._view, query)
        if not any(each.edit for each in look.findings):
            look.findings = _once([*look.findings, *self._anywhere(query.where)])
        return look

    def _anywhere(self, group: Group) -> Iterator[Finding]:
        """Yield what is said of terms that are not there, also where they only take rows away."""
        for each in all_elements(group):
            if isinstance(each, Pattern):
                yield from self._statements.missing(each)

    def _undescribed(self, query: Query) -> list[Finding]:
        found = []
        for part in query.described:
            if isinstance(part.term, ox.NamedNode):
                found += list(self._statements.no_thing(part, part.term.value))
        return found

    def _group(self, group: Group, wrap: Wrap, depth: int) -> Look:
        if group.select is not None:
            return self._sub_select(group.select, wrap, depth)
        blamed = blame(self._view, group.elements, wrap)
        if blamed.needed:
            findings = self._joined(blamed, wrap, depth)
            for each in blamed.lonely:
                findings += self._alone(each, wrap, depth)
            return Look(_once(findings), blamed.steps)
        return Look(self._conditions(blamed, wrap), blamed.steps)

    def _sub_select(self, query: Query, wrap: Wrap, depth: int) -> Look:
        if query.where is None or depth > _NESTED:
            return Look([])
        look = self._group(query.where, wrap, depth + 1)
        if look.findings or wrap:
            return look
        return Look(explain_modifiers(self._view, query), look.steps)

    def _joined(self, blamed: Blame, wrap: Wrap, depth: int) -> list[Finding]:
        last = blamed.needed[-1]
        if last.kind == "minus":
            return [finding("minus-removes-all", (last.start, last.end), {})]
        if len(blamed.needed) == 1:
            return self._alone(last, wrap, depth)
        return self._statements.explain(blamed.needed, wrap)

    def _alone(self, element: Element, wrap: Wrap, depth: int) -> list[Finding]:
        """Return what is wrong with a part that has no solution by itself."""
        place = (element.start, element.end)
        if element.kind == "values":
            return [finding("values-match-nothing", place, {})]
        if not isinstance(element, Block):
            return self._statements.explain([element], wrap)
        if depth > _NESTED:
            return []
        if element.kind == "graph" and element.name is not None:
            absent = list(self._no_graph(element.name))
            if absent:
                return absent
            around = f"GRAPH {element.name.text}"
            return self._group(element.groups[0], (*wrap, around), depth + 1).findings
        found: list[Finding] = []
        for group in element.groups:
            found += self._group(group, wrap, depth + 1).findings
        return found

    def _conditions(self, blamed: Blame, wrap: Wrap) -> list[Finding]:
        if blamed.is_together:
            first, *others = blamed.conditions
            related = tuple((each.start, each.end) for each in others)
            return [finding("filters-together", (first.start, first.end), {}, related=related)]
        found: list[Finding] = []
        for each in blamed.conditions:
            found += self._restrictions.explain(each, blamed.joined, wrap)
        return found

    def _no_graph(self, part: Part) -> list[Finding]:
        if not isinstance(part.term, ox.NamedNode) or part.term.value in self._lexicon.graphs:
            return []
        likely = self._lexicon.nearest_graph(part.term.value)
        twin = [each for each in twins(part.term.value) if each in self._lexicon.graphs]
        iris = tuple(dict.fromkeys((*twin, *likely.iris)))
        near: tuple[Near, ...] = tuple(
            as_near(ox.NamedNode(iri), self._terms, self._lexicon) for iri in iris
        )
        is_close = bool(twin) or likely.is_close
        edit = Edit(part.start, part.end, near[0].text) if near and is_close else None
        place, values = (part.start, part.end), {"term": part.text}
        return [finding("absent-graph", place, values, nearest=near, edit=edit)]


def _modifier_steps(query: Query) -> list[Step]:
    """Return a step for each clause after the pattern, the one that fails marked."""
    steps = [Step("modifier", each.start, each.end) for each in query.havings]
    steps += [Step("modifier", start, end) for start, end in query.cut]
    if steps and query.form == "SELECT":
        steps[-1] = replace(steps[-1], rows=0, fails=True)
    return steps


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list({(each.code, each.start): each for each in findings}.values())
