"""What is wrong with patterns that have no solution, alone or together.

Tried in this order, and the first that explains something is told: terms that are not in the data;
a property the wrong way round; a term in whose place another one would match; a class that does not
go with a property; another graph; a variable that never has the same value on both sides.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.diagnosis.lexicon import Lexicon, Likely, twins
from kg.diagnosis.model import Edit, Finding, Near
from kg.diagnosis.probing import View, Wrap
from kg.diagnosis.terms import Terms
from kg.diagnosis.tokens import OWN
from kg.diagnosis.tree import Element, Known, Part, Pattern, Values, as_text
from kg.diagnosis.values import Match, as_near, form_of, match, near_values
from kg.diagnosis.words import finding
from kg.namespaces import RDF

_TYPE: Final = ox.NamedNode(RDF + "type")
_ANY: Final = f"{OWN}any"
_VERB: Final = 1
_OBJECT: Final = 2
_TOLD: Final = 5  # forms of values
_MOST_ROWS: Final = 50  # of a table that are looked at
_MOST_TURNED: Final = 8  # patterns that are tried the other way round


class Relaxed(NamedTuple):
    """A term of the query, and what would match in its place."""

    part: Part
    values: list[Known]


class Statements:
    """Explains patterns of one query."""

    def __init__(self, view: View, lexicon: Lexicon, terms: Terms) -> None:
        """Make it.

        Args:
            view: Asks.
            lexicon: What the data names.
            terms: Reads and writes terms of the query.
        """
        self._view = view
        self._lexicon = lexicon
        self._terms = terms

    def explain(self, elements: Sequence[Element], wrap: Wrap) -> list[Finding]:
        """Return what is wrong with parts that have no solution together; at least one finding.

        Args:
            elements: The fewest such parts, in order; the one that fails last.
            wrap: What stands around them.
        """
        patterns = [each for each in elements if isinstance(each, Pattern)]
        missing = [found for each in patterns for found in self.missing(each)]
        missing += [found for each in elements for found in self._not_listed(each)]
        if missing:
            return missing
        ways: tuple[Callable[[Sequence[Element], Wrap], Finding | None], ...] = (
            self._turned,
            self._replaced,
            self._in_other_graph,
            self._of_other_class,
            self._never_equal,
        )
        for way in ways:
            found = way(elements, wrap)
            if found is not None:
                return [found]
        return [self._unlike(elements, wrap)]

    # --- Terms that are not there

    def missing(self, pattern: Pattern) -> Iterator[Finding]:
        """Yield what is said of each term of a pattern that is in no graph of the data."""
        for name in pattern.verb.names:
            if isinstance(name.term, ox.NamedNode):
                yield from self._no_property(name, name.term.value)
        for part in (pattern.subject, pattern.object):
            if not isinstance(part.term, ox.NamedNode):
                continue
            if part is pattern.object and pattern.verb.term == _TYPE:
                yield from self._no_class(part, part.term.value)
            else:
                yield from self.no_thing(part, part.term.value)

    def _not_listed(self, element: Element) -> Iterator[Finding]:
        """Yield what is said of the terms of a table that are in no graph of the data."""
        rows = element.rows[:_MOST_ROWS] if isinstance(element, Values) else ()
        for part in (cell for row in rows for cell in row if cell is not None):
            if isinstance(part.term, ox.NamedNode):
                yield from self.no_thing(part, part.term.value)

    def _no_property(self, name: Part, iri: str) -> Iterator[Finding]:
        if iri in self._lexicon.properties:
            return
        special = self._special(name, iri, self._lexicon.properties)
        if special is not None:
            yield special
            return
        code = "unused-property" if self._lexicon.is_named(iri) else "unknown-property"
        yield self._told(code, name, self._lexicon.nearest_property(iri))

    def _no_class(self, part: Part, iri: str) -> Iterator[Finding]:
        if iri not in self._lexicon.classes:
            special = self._special(part, iri, self._lexicon.classes)
            yield special or self._told("unknown-class", part, self._lexicon.nearest_class(iri))

    def no_thing(self, part: Part, iri: str) -> Iterator[Finding]:
        """Yield what is said of an IRI that is neither subject nor value of a statement."""
        retired = self._lexicon.retired(iri)
        if retired is None and self._lexicon.is_used(iri):
            return
        twin = next((each for each in twins(iri) if self._lexicon.is_used(each)), None)
        special = self._special(part, iri, frozenset() if twin is None else frozenset((twin,)))
        yield special or self._told("unknown-term", part, self._lexicon.nearest_thing(iri))

    def _special(self, part: Part, iri: str, among: frozenset[str]) -> Finding | None:
        """Return what is said of a retired term, or of one whose twin is there."""
        successors = self._lexicon.retired(iri)
        if successors is not None:
            return self._told("retired-term", part, Likely(successors, len(successors) == 1))
        twin = next((each for each in twins(iri) if each in among), None)
        if twin is None:
            return None
        return self._told("scheme-twin", part, Likely((twin,), is_close=True))

    def _told(self, code: str, part: Part, likely: Likely) -> Finding:
        nearest = tuple(self._near(iri) for iri in likely.iris)
        edit = Edit(part.start, part.end, nearest[0].text) if likely.is_close else None
        values = {"term": part.text, "other": nearest[0].text if nearest else ""}
        return finding(code, (part.start, part.end), values, nearest=nearest, edit=edit)

    def _near(self, iri: str) -> Near:
        return as_near(ox.NamedNode(iri), self._terms, self._lexicon)

    # --- The wrong way round

    def _turned(self, elements: Sequence[Element], wrap: Wrap) -> Finding | None:
        patterns = [each for each in elements if isinstance(each, Pattern)][-_MOST_TURNED:]
        for each in reversed(patterns):
            can_turn = each.verb.term not in (None, _TYPE)
            if not can_turn or isinstance(each.object.term, ox.Literal):
                continue
            turned = [each.reversed() if other is each else other for other in elements]
            if self._view.any(turned, wrap):
                verb, place = each.verb, (each.verb.start, each.verb.end)
                edit = Edit(verb.start, verb.end, f"^{verb.text}")
                return finding("reversed", place, {"term": verb.text}, edit=edit)
        return None

    # --- Another term in its place

    def _replaced(self, elements: Sequence[Element], wrap: Wrap) -> Finding | None:
        for relaxed in self._relaxed(elements, wrap):
            term = relaxed.part.term
            found = None if term is None else match(term, relaxed.values, self._lexicon)
            if found is not None:
                return self._instead(relaxed.part, found)
        return None

    def _instead(self, part: Part, found: Match) -> Finding:
        near = [as_near(each, self._terms, self._lexicon) for each in (found.term, *found.others)]
        values = {"term": part.text, "other": near[0].text}
        edit = Edit(part.start, part.end, near[0].text)
        place = (part.start, part.end)
        return finding(found.code, place, values, nearest=tuple(near), edit=edit)

    def _relaxed(self, elements: Sequence[Element], wrap: Wrap) -> Iterator[Relaxed]:
        """Yield the terms in whose place something else would match, values before the rest."""
        for position in (_OBJECT, 0, _VERB):
            for at, each in enumerate(elements):
                if not isinstance(each, Pattern):
                    continue
                part = each.parts[position]
                if part.term is None or (position == _VERB and part.term == _TYPE):
                    continue
                looser = each.with_part(position, f"?{_ANY}", _ANY)
                others = [*elements[:at], looser, *elements[at + 1 :]]
                values = self._view.values(as_text(others), _ANY, wrap)
                if values:
                    yield Relaxed(part, values)
        yield from self._from_tables(elements, wrap)

    def _from_tables(self, elements: Sequence[Element], wrap: Wrap) -> Iterator[Relaxed]:
        """Yield the terms of VALUES in whose place something else would match."""
        for at, each in enumerate(elements):
            if not isinstance(each, Values):
                continue
            others = [*elements[:at], *elements[at + 1 :]]
            for column, name in enumerate(each.names):
                if not any(name in other.variables for other in others):
                    continue
                values = self._view.values(as_text(others), name, wrap)
                for row in each.rows if values else ():
                    part = row[column]
                    if part is not None and part.term not in values:
                        yield Relaxed(part, values)

    # --- Another class, another graph

    def _of_other_class(self, elements: Sequence[Element], wrap: Wrap) -> Finding | None:
        typed = [each for each in elements if isinstance(each, Pattern) and _is_typing(each)]
        others = [each for each in elements if each not in typed]
        if len(typed) != 1 or len(others) != 1 or not isinstance(others[0], Pattern):
            return None
        kind, other = typed[0], others[0]
        if other.verb.term is None:
            return None
        is_subject = other.subject.variable == kind.subject.variable
        looser = other.with_part(_VERB, f"?{_ANY}", _ANY)
        properties = self._view.values(as_text([kind, looser]), _ANY, wrap)
        classes = self._view.values(
            as_text([kind.with_part(_OBJECT, f"?{_ANY}", _ANY), other]), _ANY, wrap
        )
        near = near_values(other.verb.term, properties, self._terms, self._lexicon)
        near += near_values(kind.object.term, classes, self._terms, self._lexicon)
        code = "property-not-of-class" if is_subject else "not-value-of-property"
        values = {"kind": kind.object.text, "term": other.verb.text}
        place, related = (other.start, other.end), ((kind.start, kind.end),)
        return finding(code, place, values, nearest=near, related=related)

    def _in_other_graph(self, elements: Sequence[Element], wrap: Wrap) -> Finding | None:
        if wrap or self._view.dataset.named == []:
            return None
        graphs = self._view.values(as_text(elements), f"{OWN}g", (f"GRAPH ?{OWN}g",))
        if not graphs:
            return None
        near = tuple(as_near(each, self._terms, self._lexicon) for each in graphs[:5])
        place = (elements[0].start, elements[-1].end)
        return finding("other-graph", place, {"other": near[0].text}, nearest=near)

    # --- Together

    def _never_equal(self, elements: Sequence[Element], wrap: Wrap) -> Finding | None:
        """Return the variable whose values have another form on the two sides of a join."""
        last, before = elements[-1], elements[:-1]
        for name in sorted(last.variables):
            if not before or not any(name in each.variables for each in before):
                continue
            here = self._view.values(last.text, name, wrap) if last.kind != "bind" else []
            there = self._view.values(as_text(before), name, wrap)
            forms = form_of(here, self._terms), form_of(there, self._terms)
            if here and there and not forms[0] & forms[1]:
                values = {"name": name, "term": _any_of(forms[1]), "other": _any_of(forms[0])}
                place, related = (last.start, last.end), _places(before)
                return finding("no-common-value", place, values, related=related)
        return None

    def _unlike(self, elements: Sequence[Element], wrap: Wrap) -> Finding:
        last, before = elements[-1], elements[:-1]
        for relaxed in self._relaxed(elements, wrap):
            part, values = relaxed.part, relaxed.values
            near = near_values(part.term, values, self._terms, self._lexicon)
            code, place = ("no-join", last) if before else ("no-match", part)
            return finding(
                code,
                (place.start, place.end),
                {"names": _shared(elements)},
                nearest=near,
                related=_places(before),
            )
        code = "no-join" if before else "no-match"
        values_of = {"names": _shared(elements)}
        return finding(code, (last.start, last.end), values_of, related=_places(before))


def _is_typing(pattern: Pattern) -> bool:
    return pattern.verb.term == _TYPE and isinstance(pattern.object.term, ox.NamedNode)


def _places(elements: Sequence[Element]) -> tuple[tuple[int, int], ...]:
    return tuple((each.start, each.end) for each in elements)


def _shared(elements: Sequence[Element]) -> str:
    """Return the variables that two parts or more have, as they are written."""
    named = [name for each in elements for name in each.variables if not name.startswith(OWN)]
    return ", ".join(f"?{name}" for name in sorted({n for n in named if named.count(n) > 1}))


def _any_of(forms: set[str]) -> str:
    told = sorted(forms)
    return ", ".join(told if len(told) <= _TOLD else [*told[:_TOLD], "…"])
