r"""The same query in a shape that the engine answers faster.

pyoxigraph 0.5.13 orders joins by fixed guesses, not by counts of what is in the store: a pattern
`?s :p ?o` is guessed to have a million solutions, `?s :p :o` a thousand, `:s :p ?o` ten. It begins
with the smallest guess and goes on along shared variables, which does well for one basic graph
pattern. It does badly in two places that it plans apart from what stands around them; `improve`
rewrites these and nothing else.

**OPTIONAL before a more selective pattern.** The engine keeps `A OPTIONAL { B }` together. Where a
pattern C that stands later has the smaller guess, it begins with C, computes the whole of
`A OPTIONAL { B }` apart, and joins the two by a hash table. Written after C, the OPTIONAL is asked
once for each solution that is left. The rewriting, in the algebra of SPARQL 1.1 Query, section 18:

    Join(LeftJoin(A, B, F), C) = LeftJoin(Join(A, C), B, F)
    if every variable in both `OPTIONAL { B FILTER F }` and C is bound by every solution of A

Proof. Let a, b, c be solutions of A, B, C. What b (or F) has in common with c is in dom(a). If a
and b are compatible, c is compatible with their merge just when it is compatible with a: where b
and c meet, both meet a. If a and c are compatible, b is compatible with their merge just when it is
compatible with a, for the same reason. F reads the same values on both sides, also within EXISTS,
since no variable of C is new to it. So a and c have the same partners b on both sides, as often,
and a has none on the one side just when it has none on the other. The condition makes this part of
the pattern well-designed in the sense of Pérez, Arenas and Gutierrez (Semantics and Complexity of
SPARQL, ACM TODS 34(3), 2009), and the rule is theirs, `(P1 OPT P2) AND P3 = (P1 AND P3) OPT P2`,
shown here for multisets and with filters. Under the same condition an OPTIONAL may pass another
OPTIONAL and `BIND`: b adds nothing to a that these could see. A `FILTER` belongs to its whole group
wherever it stands (section 18.2.2.2), so it can be passed. Where the query has a part that the
engine computes against the algebra (`_is_planned_badly`), nothing is moved: tests with random
queries found its answers to change there.

**EXISTS with a pattern that nothing around it binds.** The engine does not plan the inside of
EXISTS: its patterns are computed one by one, each with what the outer solution binds, and joined
as a product. A pattern without a variable from outside is read in full for each outer solution.
Nested, it is read with what its neighbours bind:

    EXISTS { P Q FILTER F } = EXISTS { P FILTER EXISTS { Q FILTER F } }
    for basic graph patterns P, Q without blank nodes

Proof. EXISTS(X) is true of m when substitute(X, m) has a solution (section 18.6). The left side has
one when some p of substitute(P, m) and q of substitute(Q, m) are compatible and F is true of their
merge. Substitution goes into every pattern of X, also into the inner EXISTS; there q is sought in
substitute(Q, m) under p, that is, among those compatible with p, and F is read with the values of p
put in, that is, on the merge of p and q. A filter that names no variable of Q alone reads the same
where it stays with P. Only whether there is a solution matters, not how many.

Not done, because it would not be certain to help: reordering by counts (only ties between equal
guesses follow the text, so a better order could be written but not enforced), NOT EXISTS as MINUS
(faster where many solutions are tested, slower where few are), aggregates in sub-selects (not
equivalent in general). `docs/query-shapes.md` says what a person can do.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, TypeVar

from kg.query.guard import MAX_DEPTH, QueryRefusedError, Token, tokens

# Longer texts are data (VALUES) more than pattern, and reading them would cost more than it gains.
_LONGEST: Final = 10_000
_CANDIDATE: Final = re.compile("OPTIONAL|EXISTS", re.IGNORECASE)

# Where the number of evaluations or the order of rows shows in the answer, an OPTIONAL stays.
_ORDER_SHOWS: Final = frozenset(
    ("RAND", "UUID", "STRUUID", "BNODE", "SAMPLE", "GROUP_CONCAT", "LIMIT", "OFFSET")
)
# Within EXISTS: whether a variable is bound, and fresh values, are not left to substitution.
_BINDING_SHOWS: Final = frozenset(("BOUND", "COALESCE", "RAND", "UUID", "STRUUID", "BNODE"))
_KEYWORDS: Final = frozenset(
    ("OPTIONAL", "FILTER", "MINUS", "GRAPH", "BIND", "VALUES", "UNION", "SELECT", "EXISTS")
)
_JOINED: Final = frozenset(("triples", "values", "group", "graph"))
_BEFORE_GROUP: Final = frozenset(("WHERE", "EXISTS", "ASK"))
_IN_TRIPLES: Final = frozenset(("A", "TRUE", "FALSE"))
_BEFORE_STAR: Final = ("SELECT", "DISTINCT", "REDUCED")
_NEWER: Final = frozenset(("<<", ">>", "{|", "|}", "~"))  # SPARQL 1.2: triple terms, reifiers
_OPEN: Final = frozenset(("(", "["))
_CLOSE: Final = frozenset((")", "]"))
_TYPE: Final = frozenset(("a", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "rdf:type"))

# Guesses of the engine, by whether subject, predicate, object are bound (sparopt, optimizer.rs).
_GUESSES: Final = {
    (True, True, True): 1,
    (True, True, False): 10,
    (True, False, True): 2,
    (False, True, True): 1_000,
    (True, False, False): 100,
    (False, True, False): 1_000_000,
    (False, False, True): 10_000,
    (False, False, False): 1_000_000_000,
}
_WHOLE_PREDICATE: Final = _GUESSES[False, True, False]
_REPEATS: Final = 1_000  # times this where a path repeats

# More than a person writes: the time to find an order grows with the square of these and more.
_MOST_PARTS: Final = 30
_MOST_PATTERNS: Final = 40
_MOST_NESTED: Final = 8
# In an expression `?a<((?b))>?c` is two comparisons to the engine and an IRI to the tokenizer.
_HIDES: Final = re.compile(r"[?$()\[\]]")


class _DoubtError(Exception):
    """The text is not understood well enough to be rewritten."""


class _Triple(NamedTuple):
    """A triple pattern: its three parts as text."""

    subject: str
    verb: str
    object: str

    @property
    def variables(self) -> frozenset[str]:
        """The names of its variables, without the sign."""
        return frozenset(part[1:] for part in self if part[0] in "?$")

    @property
    def may_be_empty(self) -> bool:
        """Whether the verb is a path that can have no steps, which matches without a statement."""
        return self.verb[0] not in "?$" and any(sign in self.verb for sign in "?*")

    def guess(self, bound: frozenset[str]) -> int:
        """Return how many solutions the engine expects when these variables are bound."""
        known = [part[0] not in "?$" or part[1:] in bound for part in self]
        guess = _GUESSES[known[0], known[1], known[2]] + (self.verb in _TYPE)
        return guess * _REPEATS if self.verb[-1] in "*+" else guess


class _Element(NamedTuple):
    """A part of a group.

    Attributes:
        kind: triples, group (with UNION), optional, minus, graph, filter, bind or values.
        first: Index of its first token.
        end: Index after its last token; a full stop after it is its own.
        variables: All that are named in it, in scope or not.
        certain: Those of them that every solution of it binds.
        size: Of VALUES, the number of rows, about.
        groups: The groups in it, outermost first.
        triples: Of triples, the patterns; empty where they are of a form that is not read here.
    """

    kind: str
    first: int
    end: int
    variables: frozenset[str]
    certain: frozenset[str] = frozenset()
    size: int = 0
    groups: "tuple[_Group, ...]" = ()
    triples: tuple[_Triple, ...] = ()


class _Group(NamedTuple):
    """A group in braces.

    Attributes:
        first: Index of the opening brace.
        end: Index after the closing brace.
        elements: Its parts; none where it is a sub-select.
        groups: Of a sub-select, the groups in it.
        is_tested: Whether EXISTS stands before it.
    """

    first: int
    end: int
    elements: tuple[_Element, ...]
    groups: "tuple[_Group, ...]" = ()
    is_tested: bool = False

    @property
    def certain(self) -> frozenset[str]:
        """The variables that every solution binds; none are known of a sub-select."""
        return frozenset().union(*(part.certain for part in self.elements))


@functools.lru_cache(256)
def improve(text: str) -> str:
    """Return a query with the same answer that the engine finds faster, or the text itself.

    The solutions are the same, as often each. The order of rows without ORDER BY may differ, as
    SPARQL allows, and so may the last digit of a sum of xsd:double. The text comes back as it is,
    the same object, where it has nothing to rewrite or is not understood in full. Whether it is
    well-formed is not decided here: where the engine refuses the new text, the old one has to be
    asked for the answer or for the error with its place.

    Args:
        text: A SPARQL query, as it came.
    """
    if len(text) > _LONGEST or _CANDIDATE.search(text) is None:
        return text
    try:
        return _Rewriter(text).result()
    except (_DoubtError, QueryRefusedError):
        return text


class _Reader:
    """Reads tokens into groups; whatever it does not know is a doubt."""

    def __init__(self, listed: Sequence[Token]) -> None:
        self.listed = listed
        self.at = 0
        self.depth = 0
        self.words = [token.text.upper() if token.kind == "word" else "" for token in listed]

    def query(self) -> list[_Group]:
        """Read a query; return its outermost groups."""
        groups = self._until("")
        if self.at != len(self.listed):
            raise _DoubtError
        return groups

    def _text(self) -> str:
        return self.listed[self.at].text if self.at < len(self.listed) else ""

    def _word(self) -> str:
        return self.words[self.at] if self.at < len(self.listed) else ""

    def _expect(self, text: str) -> None:
        if self._text() != text:
            raise _DoubtError
        self.at += 1

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _DoubtError

    def _until(self, closing: str) -> list[_Group]:
        """Go on to a closing sign and return the groups on the way; for all but patterns."""
        groups: list[_Group] = []
        while self.at < len(self.listed) and self._text() != closing:
            if self._word() == "VALUES":
                self._values()
            elif self._text() == "{":
                groups += self._braces()
            elif self._text() in _OPEN:
                groups += self._brackets()
            else:
                self._plain()
        return groups

    def _plain(self) -> None:
        token = self.listed[self.at]
        hides = token.kind == "iri" and self.depth and _HIDES.search(token.text)
        if hides or token.text == "}" or token.text in _CLOSE:
            raise _DoubtError
        self.at += 1

    def _braces(self) -> list[_Group]:
        """Read a group, or pass over a template, by what stands before the brace."""
        before = self.words[self.at - 1] if self.at else ""
        if before == "CONSTRUCT":
            while self._text() not in ("}", ""):
                self.at += 1
            self._expect("}")
            return []
        if before and before not in _BEFORE_GROUP:
            raise _DoubtError
        return [self._group(is_tested=before == "EXISTS")]

    def _brackets(self) -> list[_Group]:
        """Read what stands in brackets; return the groups of EXISTS in it."""
        self._deeper()
        closing = {"(": ")", "[": "]"}.get(self._text())
        if closing is None:
            raise _DoubtError
        self.at += 1
        groups = self._until(closing)
        self._expect(closing)
        self.depth -= 1
        return groups

    def _group(self, *, is_tested: bool = False) -> _Group:
        self._deeper()
        first = self.at
        self._expect("{")
        groups: list[_Group] = []
        elements: list[_Element] = []
        if self._word() == "SELECT":
            groups = self._until("}")
        else:
            while self._text() != "}":
                elements.append(self._element())
        self._expect("}")
        self.depth -= 1
        return _Group(first, self.at, tuple(elements), tuple(groups), is_tested)

    def _element(self) -> _Element:
        first, word, size = self.at, self._word(), 0
        if word not in _KEYWORDS and self._text() != "{":
            return self._run()
        if word in ("OPTIONAL", "MINUS", "GRAPH"):
            self.at += 2 if word == "GRAPH" else 1
            groups = [self._group()]
        elif word == "FILTER":
            groups = self._filter()
        elif word == "BIND":
            self.at += 1
            groups = self._brackets()
        elif word == "VALUES":
            groups, size = [], self._values()
        elif word:
            raise _DoubtError
        else:
            groups = self._union()
        self.at += self._text() == "."
        kind, named = word.lower() or "group", _variables(self.listed[first : self.at])
        certain = self._certain(kind, first, groups)
        if kind == "graph" and self.listed[first + 1].kind == "variable":
            groups = []  # a closed book: the engine answers by the order of the parts in there
        return _Element(kind, first, self.at, named, certain, size, tuple(groups))

    def _certain(self, kind: str, first: int, groups: Sequence[_Group]) -> frozenset[str]:
        """Return the variables that every solution of a part binds; not what might be unbound."""
        if kind == "values" and not any("UNDEF" in word for word in self.words[first : self.at]):
            return _variables(self.listed[first : self.at])
        if kind == "graph" and self.listed[first + 1].kind == "variable":
            return frozenset()  # the engine loses the name of the graph beside VALUES
        if kind in ("group", "graph"):
            return frozenset.intersection(*(group.certain for group in groups))
        return frozenset()

    def _union(self) -> list[_Group]:
        groups = [self._group()]
        while self._word() == "UNION":
            self.at += 1
            groups.append(self._group())
        return groups

    def _filter(self) -> list[_Group]:
        self.at += 1
        self.at += self._word() == "NOT"
        if self._word() == "EXISTS":
            self.at += 1
            return [self._group(is_tested=True)]
        self.at += self._text() != "("  # the name of a function, as in FILTER REGEX(...)
        return self._brackets()

    def _values(self) -> int:
        """Pass over VALUES; return the number of its rows, about."""
        first = self.at
        for sign in ("{", "}"):
            while self._text() not in (sign, ""):
                first += sign == "{"
                self.at += 1
            self._expect(sign)
        inside = [token.text for token in self.listed[first + 1 : self.at - 1]]
        return inside.count("(") or len(inside)

    def _run(self) -> _Element:
        """Read triple patterns up to the next part of the group."""
        first, depth = self.at, 0
        while depth or not self._ends_run():
            word = self._word()
            depth += (self._text() in _OPEN) - (self._text() in _CLOSE)
            if depth < 0 or (word and word not in _IN_TRIPLES) or self._text() in ("", "!"):
                raise _DoubtError  # "!": the engine counts negated paths by the order of the parts
            self.at += 1
        run = self.listed[first : self.at]
        found = _Terms(run).triples()
        if not found and not any(token.text in _OPEN for token in run):
            raise _DoubtError
        named = _variables(run)
        return _Element("triples", first, self.at, named, named, triples=tuple(found))

    def _ends_run(self) -> bool:
        return self._text() in ("{", "}") or self._word() in _KEYWORDS


class _Terms:
    """Takes triple patterns from tokens, one term after the other."""

    def __init__(self, run: Sequence[Token]) -> None:
        self.run = run
        self.at = 0

    def triples(self) -> list[_Triple]:
        """Return the patterns; none where there are brackets, blank nodes or what is no pattern."""
        found: list[_Triple] = []
        while self.at < len(self.run):
            subject = self._term()
            listed = self._properties(subject) if subject else []
            if not listed or not (self._take(".") or self.at == len(self.run)):
                return []
            found += listed
        return found

    def _properties(self, subject: str) -> list[_Triple]:
        found: list[_Triple] = []
        while True:
            verb = self._verb()
            values = self._values() if verb else []
            if not verb or not values:
                return []
            found += [_Triple(subject, verb, value) for value in values]
            if not self._take(";"):
                return found
            while self._take(";"):
                pass
            if self._peek() in ("", "."):
                return found

    def _values(self) -> list[str]:
        values: list[str] = []
        while not values or self._take(","):
            value = self._term()
            if value is None:
                return []
            values.append(value)
        return values

    def _peek(self) -> str:
        return self.run[self.at].text if self.at < len(self.run) else ""

    def _kind(self) -> str:
        return self.run[self.at].kind if self.at < len(self.run) else ""

    def _take(self, text: str) -> bool:
        found = self._peek() == text
        self.at += found
        return found

    def _term(self) -> str | None:
        """Take a subject or object; None where there is none of a simple form."""
        first = self.at
        self.at += self._peek() in ("+", "-")
        if self._kind() in ("", "mark", "language") or self._peek().startswith("_:"):
            return None
        self.at += 1
        self.at += self._take("^^") or self._kind() == "language"
        return _joined(self.run[first : self.at])

    def _verb(self) -> str | None:
        """Take a verb, which may be a property path; None where it is not understood."""
        first = self.at
        if self._kind() == "variable":
            self.at += 1
            return self.run[first].text
        while self._step():
            if self._peek() not in ("/", "|"):
                return _joined(self.run[first : self.at])
            self.at += 1
        return None

    def _step(self) -> bool:
        while self._take("^"):
            pass
        if self._kind() not in ("iri", "prefixed", "word"):
            return False
        self.at += 1
        self.at += self._peek() in ("?", "*", "+")
        return True


class _Rewriter:
    """Writes a query anew from its groups."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.listed = list(tokens(text))
        if any(_is_strange(token) for token in self.listed):
            raise _DoubtError
        self.may_move = not self._order_shows()

    def result(self) -> str:
        """Return the query, the same object where nothing was rewritten."""
        groups = _Reader(self.listed).query()
        self.may_move = self.may_move and not any(map(_is_planned_badly, _parts(groups)))
        return self._spliced(0, len(self.text), groups)

    def _order_shows(self) -> bool:
        """Tell whether the order of rows or columns shows, or how often something is computed."""
        if any(token.text.startswith("_:") for token in self.listed):
            return True  # a label may stand in one basic graph pattern only, and moving joins two
        for before, token in pairwise(self.listed):
            word = token.text.upper() if token.kind == "word" else ""
            if any(shows in word for shows in _ORDER_SHOWS):
                return True
            if token.text == "*" and before.text.upper().endswith(_BEFORE_STAR):
                return True
        return False

    def _spliced(self, start: int, end: int, groups: Iterable[_Group]) -> str:
        """Return a part of the text with these groups in it rewritten."""
        parts, at = [], start
        for group in groups:
            first, last = self._span(group)
            written = self._written(group)
            if written != self.text[first:last]:
                parts += [self.text[at:first], written]
                at = last
        return "".join([*parts, self.text[at:end]]) if parts else self.text[start:end]

    def _span(self, part: _Group | _Element) -> tuple[int, int]:
        last = self.listed[part.end - 1]
        return self.listed[part.first].start, last.start + len(last.text)

    def _written(self, group: _Group) -> str:
        if group.is_tested and (nested := self._nested(group)) is not None:
            return nested
        order = self._ordered(group.elements) if self.may_move else group.elements
        if list(order) == list(group.elements):
            inner = group.groups or [inner for part in group.elements for inner in part.groups]
            return self._spliced(*self._span(group), inner)
        parts = [self._spliced(*self._span(part), part.groups) for part in order]
        for at in range(len(parts) - 1):
            if order[at].kind == order[at + 1].kind == "triples" and not parts[at].endswith("."):
                parts[at] += " ."
        return "{\n" + "\n".join(parts) + "\n}"

    # --- OPTIONAL

    def _ordered(self, elements: Sequence[_Element]) -> Sequence[_Element]:
        """Return the parts of a group with each OPTIONAL where the engine does best with it."""
        order = list(elements)
        if len(order) > _MOST_PARTS or not all(map(_may_be_passed, order)):
            return order
        for at in reversed(range(len(order))):
            if order[at].kind == "optional":
                order.insert(_place(order, at), order.pop(at))
        return order

    # --- EXISTS

    def _nested(self, group: _Group) -> str | None:
        """Return the inside of EXISTS with its unlinked patterns in inner ones, or None."""
        patterns = [triple for part in group.elements for triple in part.triples]
        if not self._may_nest(group, patterns):
            return None
        outside = _variables([*self.listed[: group.first], *self.listed[group.end :]])
        near = [triple for triple in patterns if triple.variables & outside]
        far = [triple for triple in patterns if not triple.variables & outside]
        if not near or all(triple.guess(outside) < _WHOLE_PREDICATE for triple in far):
            return None
        own = _named(far) - _named(near)
        here: list[str] = []
        inmost: list[str] = []
        for part in group.elements:
            if part.kind == "filter":
                text = self._spliced(*self._span(part), part.groups)
                (inmost if part.variables & own else here).append(text)
        inner = [
            "FILTER EXISTS { " + " ".join(item) for item in _greedy(far, outside | _named(near))
        ]
        lines = [" . ".join(" ".join(item) for item in near), *here, *inner, *inmost]
        return "{ " + "\n".join(lines) + " }" * (len(far) + 1)

    def _may_nest(self, group: _Group, patterns: Sequence[_Triple]) -> bool:
        if not 1 < len(patterns) <= _MOST_NESTED or any(item.may_be_empty for item in patterns):
            return False
        if any(part.kind not in ("triples", "filter") for part in group.elements):
            return False
        if any(part.kind == "triples" and not part.triples for part in group.elements):
            return False
        words = (token for token in self.listed[group.first : group.end] if token.kind == "word")
        return not any(word in token.text.upper() for token in words for word in _BINDING_SHOWS)


def _is_strange(token: Token) -> bool:
    """Tell whether a token is of SPARQL 1.2, or one that the engine may cut otherwise.

    It reads `FILTERex:f(?x)` as `FILTER ex:f(?x)`, where the tokenizer sees one prefixed name.
    """
    if token.kind == "prefixed":
        return "FILTER" in token.text.partition(":")[0].upper()
    return token.kind == "mark" and token.text in _NEWER


def _place(order: Sequence[_Element], at: int) -> int:
    """Return the index to which an OPTIONAL goes: behind the last part that it may be joined after.

    Its own index where the engine would begin with what stands before it anyway; then it is asked
    for fewer solutions where it is.
    """
    optional, place, helps = order[at], at, False
    begun = _guess(order[: at + 1])
    bound = frozenset().union(*(part.certain for part in order[:at]))
    for index in range(at + 1, len(order)):
        part = order[index]
        if part.kind != "filter" and not optional.variables & part.variables <= bound:
            break
        if part.kind in _JOINED:
            place = index
            helps = helps or min(_alone(atom) for atom in part.triples or (part,)) < begun
        bound |= part.certain
    return place if helps else at


def _parts(groups: Iterable[_Group]) -> Iterator[_Element]:
    """Yield all parts of groups and of the groups in them."""
    for group in groups:
        yield from _parts(group.groups)
        for part in group.elements:
            yield part
            yield from _parts(part.groups)


def _is_planned_badly(part: _Element) -> bool:
    """Tell whether the engine may answer otherwise where other parts of the query are moved.

    It departs from the algebra where a part binds a variable in some of its solutions only, or
    does not see one: with UNDEF, MINUS, GRAPH with a variable, and more than patterns in OPTIONAL.
    """
    if part.kind == "values":
        return part.certain != part.variables
    if part.kind == "optional":
        return not _is_plain(part.groups[0])
    return part.kind == "minus" or (part.kind == "graph" and not part.groups)


def _may_be_passed(part: _Element) -> bool:
    """Tell whether parts of this form may change places: no sub-select, no other graph."""
    if part.kind == "group":
        return all(map(_is_plain, part.groups))
    return part.kind != "graph"


def _is_plain(group: _Group) -> bool:
    return bool(group.elements) and all(
        part.kind == "triples" or (part.kind == "filter" and not part.groups)
        for part in group.elements
    )


def _guess(parts: Sequence[_Element], bound: frozenset[str] = frozenset()) -> int:
    """Return about how many solutions the engine expects; 0, the least, where it is not known."""
    atoms = [atom for part in parts if part.kind in _JOINED for atom in part.triples or (part,)]
    if len(atoms) > _MOST_PATTERNS or any(_is_unread(atom) for atom in atoms):
        return 0
    total = 1
    for atom in _greedy(atoms, bound):
        total *= _alone(atom, bound)
        bound |= atom.variables
    for part in parts:
        if part.kind == "optional":
            total *= max(1, _guess(part.groups[0].elements, bound))
    return total


def _alone(atom: _Triple | _Element, bound: frozenset[str] = frozenset()) -> int:
    """Return the guess of the engine for one pattern or part by itself."""
    if isinstance(atom, _Triple):
        return atom.guess(bound)
    if atom.kind == "values":
        return atom.size
    if not atom.groups:
        return _WHOLE_PREDICATE
    inner = [group for whole in atom.groups for group in (whole.groups or (whole,))]
    return sum(_guess(group.elements) for group in inner)


def _is_unread(atom: _Triple | _Element) -> bool:
    return isinstance(atom, _Element) and atom.kind != "values" and not atom.groups


_Atom = TypeVar("_Atom", bound=_Triple | _Element)


def _greedy(atoms: Iterable[_Atom], bound: frozenset[str]) -> Iterator[_Atom]:
    """Yield patterns as the engine orders them: linked to what is bound, smallest guess first."""
    left = list(atoms)
    while left:
        linked = [atom for atom in left if atom.variables & bound] or left
        chosen = min(linked, key=lambda atom: _alone(atom, bound))
        left.remove(chosen)
        bound |= chosen.variables
        yield chosen


def _named(triples: Iterable[_Triple]) -> frozenset[str]:
    return frozenset().union(*(triple.variables for triple in triples))


def _variables(listed: Iterable[Token]) -> frozenset[str]:
    return frozenset(token.text[1:] for token in listed if token.kind == "variable")


def _joined(listed: Iterable[Token]) -> str:
    return "".join(token.text for token in listed)
