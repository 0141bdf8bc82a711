"""The rules of `shapes/`, taken apart: what each is about, and what a change can do to it.

A check of what has changed asks a rule about some things only. For that it has to be known

- of a rule that is a query: the query, the variable of the thing that it is about, its targets,
  and what leads from a changed statement to that thing (`kg.check.reach`);
- of the other rules together: over which properties a change reaches a focus node that is not its
  subject, and how far a rule looks.

All of it is read off the shapes; where a shape has a form that is not known here, it is said, and
everything is checked instead.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final, cast

import pyoxigraph as ox

from kg.check.reach import Trigger, triggers
from kg.check.shapes import DATASET_NODE, ShapeResult, n_triples
from kg.findings import Severity
from kg.namespaces import RDF, RDFS, SH, SHAPES
from kg.terms import Term, Triple, in_default_graph, select

_TYPE: Final = ox.NamedNode(RDF + "type")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_SPARQL: Final = ox.NamedNode(SH + "sparql")
_PREFIXES: Final = f"""
PREFIX sh: <{SH}>
SELECT DISTINCT ?prefix ?iri WHERE {{
  ?any sh:declare ?one . ?one sh:prefix ?prefix ; sh:namespace ?iri .
}}
"""
_QUERIES: Final = f"""
PREFIX sh: <{SH}>
SELECT ?rule ?select ?warns WHERE {{
  ?rule sh:sparql ?query . ?query sh:select ?select .
  BIND(EXISTS {{ ?rule sh:severity sh:Warning }} AS ?warns)
}} ORDER BY ?rule ?select
"""
# A SELECT that hands $this on, up to where its pattern begins.
_OPENING: Final = re.compile(r"SELECT\b[^{]*?\$this\b[^{]*?WHERE\s*\{", re.IGNORECASE)
# What a query may hold besides names: texts, IRIs and comments, in which signs mean nothing.
_SIGN: Final = re.compile(
    r"""\bFILTER\b|[(){}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|\#[^\n]*""",
    re.IGNORECASE,
)
_VARIABLE: Final = re.compile(r"[?$](\w+)")
_HOLE: Final = re.compile(r"\{[?$](\w+)\}")


@dataclass(frozen=True)
class QueryRule:
    """A rule that is a query.

    Attributes:
        code: The rule.
        warns: Whether it is a warning.
        messages: Language and template of each message.
        anchor: The variable of the thing that it is about: `this`, or `value` for a rule on all
            data.
        classes: The classes whose things it is about.
        subjects: The properties whose subjects it is about.
        text: The query with its prefixes.
        tests: The filters of the query that ask of the thing alone, as SPARQL.
        triggers: What leads from a changed statement to the thing.
    """

    code: str
    warns: bool
    messages: tuple[tuple[str, str], ...]
    anchor: str
    classes: tuple[str, ...]
    subjects: tuple[str, ...]
    text: str
    tests: tuple[str, ...]
    triggers: tuple[Trigger, ...]

    def results(self, store: ox.Store, things: Collection[Term]) -> Iterator[ShapeResult]:
        """Yield the results of the rule about some things, or about all where nothing leads there.

        Args:
            store: Has the data graph as its default graph.
            things: Those that are its targets.
        """
        values = " ".join(str(thing) for thing in things if isinstance(thing, ox.NamedNode))
        if values and self.tests:
            # First, because a thing may be in many statements and is mostly passed over by these.
            asked = f"VALUES ?{self.anchor} {{ {values} }} {' '.join(self.tests)}"
            text = f"{self._prefixes}SELECT ?{self.anchor} WHERE {{ {asked} }}"
            values = " ".join(str(row[0]) for row in select(store, text))
        if not values:
            return
        bound = f" VALUES ?{self.anchor} {{ {values} }} "
        first = _OPENING.search(self.text)
        if self.anchor == "this":
            text = _OPENING.sub(lambda match: match[0] + bound, self.text)
        elif first is not None:
            text = self.text[: first.end()] + bound + self.text[first.end() :]
        else:
            text = self.text
        for row in select(store, text):
            yield self._result(row)

    def _result(self, row: ox.QuerySolution) -> ShapeResult:
        found = {name: _bound(row, name) for name in self._holes | {"this", "value", "path"}}
        focus = found["this"] if self.anchor == "this" else None
        value = found["value"] or focus
        path = found["path"]
        return ShapeResult(
            code=self.code,
            severity=Severity.WARNING if self.warns else Severity.VIOLATION,
            messages=tuple(
                ox.Literal(_filled(template, found), language=language)
                for language, template in self.messages
            ),
            focus=focus,
            path=path if isinstance(path, ox.NamedNode) else None,
            value=value,
            component=SH + "SPARQLConstraintComponent",
        )

    @property
    def _prefixes(self) -> str:
        return "".join(re.findall(r"^PREFIX .*\n", self.text, re.MULTILINE))

    @property
    def _holes(self) -> set[str]:
        return {name for _, template in self.messages for name in _HOLE.findall(template)}


@dataclass(frozen=True)
class CoreRules:
    """The rules that are no queries, together.

    Attributes:
        shapes: Those shapes, as N-Triples.
        inverse: The properties that some rule follows backwards.
        nested: The properties that a rule on a value looks at there.
        leading: The properties whose values are looked at so.
        strange: What has a form that is not known here; empty where all is known.
    """

    shapes: str
    inverse: tuple[str, ...]
    nested: tuple[str, ...]
    leading: tuple[str, ...]
    strange: str


@dataclass(frozen=True)
class Ruled:
    """The rules, taken apart."""

    queries: tuple[QueryRule, ...]
    core: CoreRules

    def as_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return asdict(self)

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> "Ruled":
        """Return what `as_json` was made of."""

        def tuples(value: Any) -> Any:
            return tuple(map(tuples, value)) if isinstance(value, list) else value

        return cls(
            tuple(
                QueryRule(
                    **{key: tuples(value) for key, value in rule.items() if key != "triggers"},
                    triggers=tuple(
                        Trigger(**{key: tuples(value) for key, value in each.items()})
                        for each in rule["triggers"]
                    ),
                )
                for rule in found["queries"]
            ),
            CoreRules(**{key: tuples(value) for key, value in found["core"].items()}),
        )


@lru_cache(maxsize=2)
def take_apart(shapes: tuple[str, ...]) -> Ruled:
    """Read off the shapes what their rules are about."""
    store = ox.Store()
    for text in shapes:
        parsed = ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        store.extend(in_default_graph(cast(Triple, quad.triple)) for quad in parsed)
    prefixes = "".join(
        f"PREFIX {row['prefix'].value}: <{row['iri'].value}>\n" for row in select(store, _PREFIXES)
    )
    queries = tuple(_query_rule(store, row, prefixes) for row in select(store, _QUERIES))
    lost = {rule.code for rule in queries if any(each.anchor is None for each in rule.triggers)}
    return Ruled(queries, _core(store, {f"the query of {code}" for code in lost}))


def _query_rule(store: ox.Store, row: ox.QuerySolution, prefixes: str) -> QueryRule:
    rule = row["rule"]

    def objects(name: str, of: Term = rule) -> list[Term]:
        found = store.quads_for_pattern(cast(ox.NamedNode, of), ox.NamedNode(SH + name), None)
        return [cast(Term, quad.object) for quad in found]

    told = objects("message") or [m for q in objects("sparql") for m in objects("message", q)]
    code = rule.value.removeprefix(SHAPES)
    anchor = "value" if ox.NamedNode(DATASET_NODE) in objects("targetNode") else "this"
    text = prefixes + row["select"].value
    return QueryRule(
        code=code,
        warns=row["warns"].value == "true",
        messages=tuple(
            sorted((m.language or "en", m.value) for m in told if isinstance(m, ox.Literal))
        ),
        anchor=anchor,
        classes=tuple(sorted(term.value for term in objects("targetClass"))),
        subjects=tuple(sorted(term.value for term in objects("targetSubjectsOf"))),
        text=text,
        tests=_tests(row["select"].value, anchor),
        triggers=triggers(text, f"?{anchor}"),
    )


def _tests(query: str, anchor: str) -> tuple[str, ...]:
    """Return the filters of the outermost group of a query that ask of one variable alone.

    A variable that stands in a filter and nowhere else belongs to it.
    """
    start = query.find("{") + 1
    depth, found, opened = 0, [], None
    for match in _SIGN.finditer(query, start):
        sign = match[0]
        if opened is None and depth == 0 and sign.upper() == "FILTER":
            opened = match.start()
        elif sign in "({":
            depth += 1
        elif sign in ")}":
            depth -= 1
            if depth == 0 and opened is not None:
                found.append(query[opened : match.end()])
                opened = None
    own = []
    for text in found:
        others = set(_VARIABLE.findall(query.replace(text, ""))) - {anchor}
        if anchor in _VARIABLE.findall(text) and not others & set(_VARIABLE.findall(text)):
            own.append(text)
    return tuple(own)


def _core(store: ox.Store, strange: set[str]) -> CoreRules:
    kept = [quad for quad in store if quad.predicate != _SPARQL]
    inverse, nested, leading = set[str](), {RDF + "type"}, set[str]()
    for quad in store.quads_for_pattern(None, ox.NamedNode(SH + "path"), None):
        shape, path = cast(Term, quad.subject), cast(Term, quad.object)
        forward, back = set[str](), set[str]()
        if not _read_path(store, path, forward, back):
            strange.add(f"the path of {shape}")
        inverse |= back
        if isinstance(shape, ox.NamedNode) and shape.value.startswith(SHAPES):
            leading |= forward | back
        else:
            nested |= forward | back
    targets = {"targetClass", "targetSubjectsOf", "targetNode", "targetObjectsOf", "target"}
    for name in ("targetObjectsOf", "target"):
        if any(store.quads_for_pattern(None, ox.NamedNode(SH + name), None)):
            strange.add(f"sh:{name}")
    for quad in kept:
        name = quad.predicate.value.removeprefix(SH)
        if name in targets and isinstance(quad.subject, ox.BlankNode):
            strange.add(f"sh:{name} of a blank node")
    text = n_triples(cast(Triple, quad.triple) for quad in kept).decode()
    return CoreRules(
        shapes=text,
        inverse=tuple(sorted(inverse)),
        nested=tuple(sorted(nested)),
        leading=tuple(sorted(leading)),
        strange="; ".join(sorted(strange)),
    )


def _read_path(store: ox.Store, path: Term, forward: set[str], back: set[str]) -> bool:
    """Note the properties of a path; tell whether it is one step, forward or backward."""
    if isinstance(path, ox.NamedNode):
        forward.add(path.value)
        return True
    if isinstance(path, ox.Literal):
        return False
    for quad in store.quads_for_pattern(path, None, None):
        name, value = quad.predicate.value.removeprefix(SH), cast(Term, quad.object)
        if name == "inversePath" and isinstance(value, ox.NamedNode):
            back.add(value.value)
            return True
        if name == "alternativePath":
            return all(_read_path(store, part, forward, back) for part in _members(store, value))
    return False


def _members(store: ox.Store, head: Term) -> Iterator[Term]:
    while isinstance(head, ox.BlankNode):
        rest: Term = ox.NamedNode(RDF + "nil")
        for quad in store.quads_for_pattern(head, None, None):
            if quad.predicate.value == RDF + "first":
                yield cast(Term, quad.object)
            elif quad.predicate.value == RDF + "rest":
                rest = cast(Term, quad.object)
        head = rest


def _bound(row: ox.QuerySolution, name: str) -> Term | None:
    try:
        return cast("Term | None", row[name])
    except KeyError:
        return None


def _filled(template: str, found: dict[str, Term | None]) -> str:
    def written(match: re.Match[str]) -> str:
        term = found.get(match[1])
        return match[0] if term is None else term.value

    return _HOLE.sub(written, template)


def is_target(
    rule: QueryRule, store: ox.Store, thing: Term, above: dict[str, frozenset[str]]
) -> bool:
    """Tell whether a rule is about a thing.

    Args:
        rule: The rule.
        store: Has the data graph as its default graph.
        thing: Any.
        above: The classes above each class, itself among them.
    """
    if rule.anchor == "value":
        return True
    if not isinstance(thing, ox.NamedNode):
        return False
    if any(
        any(store.quads_for_pattern(thing, ox.NamedNode(name), None, ox.DefaultGraph()))
        for name in rule.subjects
    ):
        return True
    for quad in store.quads_for_pattern(thing, _TYPE, None, ox.DefaultGraph()):
        kind = getattr(quad.object, "value", "")
        if above.get(kind, frozenset([kind])) & set(rule.classes):
            return True
    return False


def classes_above(store: ox.Store) -> dict[str, frozenset[str]]:
    """Return the classes above each class that has one, itself among them."""
    direct: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, _SUBCLASS, None, ox.DefaultGraph()):
        if isinstance(quad.object, ox.NamedNode) and isinstance(quad.subject, ox.NamedNode):
            direct.setdefault(quad.subject.value, set()).add(quad.object.value)
    above: dict[str, frozenset[str]] = {}
    for name in direct:
        seen, waiting = {name}, [name]
        while waiting:
            new = direct.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        above[name] = frozenset(seen)
    return above
