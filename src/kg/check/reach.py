"""What a changed statement can do to a rule that is a query: which things are to be looked at anew.

A solution of a query stands on statements that match its patterns. When one statement comes or
goes, a solution can only come or go if that statement matches one of the patterns; then the other
patterns that have to hold together with it lead from it to the thing that the rule is about. So
for each pattern there is a *trigger*: the property that a statement must have, and the patterns on
the way. Tests of values are left out, so a trigger may name a thing for which nothing has
changed, and never misses one. A statement that came is followed in the new data, one that went in
the old.

    $this cpo:startDate ?value ; cpo:participationIn ?thing .  ?thing cpo:startDate ?start .

Here a changed `cpo:startDate` of a network leads back over `cpo:participationIn` to every
participation in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

_ANYTHING: Final = ""


@dataclass(frozen=True)
class Trigger:
    """What leads from a changed statement to the thing that a rule is about.

    Attributes:
        predicate: The property that the statement has, as an IRI; empty for any.
        subject: The subject of the pattern, as SPARQL writes it; a variable begins with `?`.
        path: The variable in place of the property, where there is one; else empty.
        object: The object of the pattern.
        patterns: Those that hold together with it, as SPARQL; only those that are connected.
        anchor: The variable of the thing; None where nothing leads there, so that every thing of
            the rule is to be looked at.
    """

    predicate: str
    subject: str
    path: str
    object: str
    patterns: tuple[str, ...]
    anchor: str | None


@dataclass(frozen=True)
class _Pattern:
    """A triple pattern, or a path between two terms."""

    subject: str
    path: Any
    object: str

    def __str__(self) -> str:
        return f"{self.subject} {self.path.n3()} {self.object}"

    @property
    def variables(self) -> set[str]:
        found = {self.subject, self.object}
        if _is_variable(self.path):
            found.add(self.path.n3())
        return {term for term in found if term.startswith("?")}


@dataclass
class _Read:
    """Part of a query: the patterns that always hold in it, and each one with those beside it."""

    always: list[_Pattern] = field(default_factory=list)
    each: list[tuple[_Pattern, list[_Pattern]]] = field(default_factory=list)

    def beside(self, more: list[_Pattern]) -> list[tuple[_Pattern, list[_Pattern]]]:
        return [(pattern, [*others, *more]) for pattern, others in self.each]


def triggers(query: str, anchor: str) -> tuple[Trigger, ...]:
    """Return the triggers of a rule.

    Args:
        query: A SELECT query with its prefixes.
        anchor: The variable of the thing that the rule is about, such as `?this`.
    """
    from rdflib.plugins.sparql import prepareQuery

    found: dict[Trigger, None] = {}
    names = count()
    for pattern, others in _read(prepareQuery(query).algebra.p, names).each:
        for step, links in _steps(pattern, names):
            found[_trigger(step, [*links, *others], anchor)] = None
    return tuple(found)


def _trigger(step: _Pattern, others: list[_Pattern], anchor: str) -> Trigger:
    predicate = str(step.path) if _is_iri(step.path) else _ANYTHING
    path = "" if predicate else step.path.n3()
    reached, chosen = set(step.variables), list[_Pattern]()
    if anchor in (step.subject, path, step.object):
        return Trigger(predicate, step.subject, path, step.object, (), anchor)
    waiting = [pattern for pattern in dict.fromkeys(others) if pattern != step]
    while True:
        near = [pattern for pattern in waiting if pattern.variables & reached]
        if not near:
            break
        chosen += near
        waiting = [pattern for pattern in waiting if pattern not in near]
        reached |= set().union(*(pattern.variables for pattern in near))
    return Trigger(
        predicate,
        step.subject,
        path,
        step.object,
        tuple(str(pattern) for pattern in chosen) if anchor in reached else (),
        anchor if anchor in reached else None,
    )


def _read(node: Any, names: Iterator[int]) -> _Read:
    match node.name:
        case "BGP":
            patterns = [_Pattern(s.n3(), p, o.n3()) for s, p, o in node.triples]
            return _Read(patterns, [(each, patterns) for each in patterns])
        case "Join":
            one, two = _read(node.p1, names), _read(node.p2, names)
            each = [*one.beside(two.always), *two.beside(one.always)]
            return _Read([*one.always, *two.always], each)
        case "LeftJoin" | "Minus":
            one, two = _read(node.p1, names), _read(node.p2, names)
            tested = _tested(node.get("expr"), names)
            more = [
                *two.beside(one.always),
                *(item for r in tested for item in r.beside([*one.always, *two.always])),
            ]
            return _Read(one.always, [*one.each, *more])
        case "Filter" | "Extend":
            one = _read(node.p, names)
            tested = _tested(node.expr, names)
            each = [item for read in tested for item in read.beside(one.always)]
            return _Read(one.always, [*one.each, *each])
        case "Union":
            one, two = _read(node.p1, names), _read(node.p2, names)
            return _Read([], [*one.each, *two.each])
        case "Project":
            return _renamed(_read(node.p, names), {v.n3() for v in node.PV}, next(names))
        case "ToMultiSet" if node.p.name == "values":
            return _Read()
        case "ToMultiSet" | "Distinct" | "Reduced" | "OrderBy" | "Group" | "AggregateJoin":
            return _read(node.p, names)
    raise ValueError(f"a rule's query has {node.name}, whose patterns are not known")


def _tested(expression: Any, names: Iterator[int]) -> list[_Read]:
    """Return the groups of EXISTS and NOT EXISTS in an expression."""
    from rdflib.plugins.sparql.algebra import translateGroupGraphPattern

    if not hasattr(expression, "items"):
        if isinstance(expression, list):
            return [read for each in expression for read in _tested(each, names)]
        return []
    if str(getattr(expression, "name", "")) in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        graph = expression.graph
        if graph.name == "GroupGraphPatternSub":
            graph = translateGroupGraphPattern(graph)
        return [_read(graph, names)]
    return [
        read for key, part in expression.items() if key != "_vars" for read in _tested(part, names)
    ]


def _renamed(read: _Read, kept: set[str], number: int) -> _Read:
    """Give the variables that a sub-query keeps to itself names of their own."""

    def term(text: str) -> str:
        return f"{text}_{number}" if text.startswith("?") and text not in kept else text

    def pattern(old: _Pattern) -> _Pattern:
        return _Pattern(term(old.subject), old.path, term(old.object))

    return _Read(
        [pattern(each) for each in read.always],
        [(pattern(each), [pattern(other) for other in others]) for each, others in read.each],
    )


def _steps(pattern: _Pattern, names: Iterator[int]) -> Iterator[tuple[_Pattern, list[_Pattern]]]:
    """Yield the single statements that a pattern can stand on, with what links them to its ends."""
    from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath

    path = pattern.path
    match path:
        case SequencePath():
            nodes = [
                pattern.subject,
                *(f"?step_{next(names)}" for _ in path.args[1:]),
                pattern.object,
            ]
            for at, part in enumerate(path.args):
                links = []
                if at:
                    links.append(_Pattern(nodes[0], _sequence(path.args[:at]), nodes[at]))
                if at + 1 < len(path.args):
                    links.append(_Pattern(nodes[at + 1], _sequence(path.args[at + 1 :]), nodes[-1]))
                for step, more in _steps(_Pattern(nodes[at], part, nodes[at + 1]), names):
                    yield step, [*links, *more]
        case AlternativePath():
            for part in path.args:
                yield from _steps(_Pattern(pattern.subject, part, pattern.object), names)
        case InvPath():
            yield from _steps(_Pattern(pattern.object, path.arg, pattern.subject), names)
        case MulPath() if path.mod == "?":
            yield from _steps(_Pattern(pattern.subject, path.path, pattern.object), names)
        case MulPath():
            any_number = MulPath(path.path, "*")
            first, last = f"?step_{next(names)}", f"?step_{next(names)}"
            links = [
                _Pattern(pattern.subject, any_number, first),
                _Pattern(last, any_number, pattern.object),
            ]
            for step, more in _steps(_Pattern(first, path.path, last), names):
                yield step, [*links, *more]
        case NegatedPath():
            yield _Pattern(pattern.subject, _Any(), pattern.object), []
        case _:
            yield pattern, []


class _Any:
    """A property that may be any."""

    def n3(self) -> str:
        return "?any"


def _sequence(parts: Iterable[Any]) -> Any:
    from rdflib.paths import SequencePath

    listed = list(parts)
    return listed[0] if len(listed) == 1 else SequencePath(*listed)


def _is_variable(path: Any) -> bool:
    return type(path).__name__ == "Variable"


def _is_iri(path: Any) -> bool:
    return type(path).__name__ == "URIRef"
