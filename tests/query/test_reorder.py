"""A rewritten query has the answer of the one that was asked."""

import random
from collections import Counter
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.query.guard import tokens
from kg.query.reorder import improve

PREFIX: Final = "PREFIX : <http://example.org/> "


def words(text: str) -> list[str]:
    """Return the tokens of a query without its blanks and prefixes."""
    found = [token.text for token in tokens(text)]
    return found[3:] if found[0] == "PREFIX" else found


# --- What is rewritten


def test_an_optional_moves_behind_a_later_pattern_that_the_engine_would_begin_with() -> None:
    text = PREFIX + "SELECT ?s { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x }"
    assert words(improve(text)) == words("SELECT ?s { ?s :p ?a . ?s :r :x OPTIONAL { ?s :q ?b } }")


def test_several_optionals_keep_their_order() -> None:
    text = PREFIX + "SELECT ?s { ?s :p ?a OPTIONAL { ?s :q ?b } OPTIONAL { ?a :q ?c } ?s :r :x . }"
    assert words(improve(text)) == words(
        "SELECT ?s { ?s :p ?a . ?s :r :x . OPTIONAL { ?s :q ?b } OPTIONAL { ?a :q ?c } }"
    )


def test_an_optional_moves_within_a_nested_group_and_a_sub_select() -> None:
    inner = "{ ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x }"
    moved = "{ ?s :p ?a . ?s :r :x OPTIONAL { ?s :q ?b } }"
    for whole in (
        "ASK { { @ } UNION { ?s :p ?o } }",
        "ASK { { SELECT ?s @ } }",
        "ASK { GRAPH :g @ }",
        "CONSTRUCT { ?s :p ?o } WHERE @",
    ):
        assert words(improve(PREFIX + whole.replace("@", inner))) == words(
            whole.replace("@", moved)
        )


def test_a_comment_or_a_string_that_looks_like_a_pattern_is_left_alone() -> None:
    text = PREFIX + (
        'ASK { ?s ?p "} OPTIONAL {" # OPTIONAL { ?s :r :x }\n OPTIONAL { ?s :q ?b } ?s :r :x }'
    )
    assert words(improve(text)) == words(
        'ASK { ?s ?p "} OPTIONAL {" . ?s :r :x OPTIONAL { ?s :q ?b } }'
    )


def test_a_pattern_of_exists_that_nothing_outside_binds_is_nested() -> None:
    text = PREFIX + "ASK { ?a :p ?b FILTER NOT EXISTS { ?x :q ?b ; :r ?y . ?y :p :z } }"
    assert words(improve(text)) == words(
        "ASK { ?a :p ?b FILTER NOT EXISTS { ?x :q ?b "
        "FILTER EXISTS { ?x :r ?y FILTER EXISTS { ?y :p :z } } } }"
    )


def test_a_filter_of_exists_goes_to_where_its_variables_are() -> None:
    text = PREFIX + (
        "ASK { ?a :p ?b FILTER EXISTS "
        "{ ?x :q ?b . ?y :r ?z . FILTER (?x != ?b) FILTER (?z > ?b) } }"
    )
    assert words(improve(text)) == words(
        "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?b FILTER (?x != ?b) "
        "FILTER EXISTS { ?y :r ?z FILTER (?z > ?b) } } }"
    )


# --- What is not

UNTOUCHED: Final = {
    "nothing is optional": "ASK { ?s :p ?a . ?s :r :x }",
    "the optional is last": "ASK { ?s :p ?a . ?s :r :x OPTIONAL { ?s :q ?b } }",
    "the engine begins before it anyway": "ASK { ?s :r :x OPTIONAL { ?s :q ?b } ?s :p ?a }",
    "a later pattern uses what the optional binds": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?b :r :x }"
    ),
    "a variable of both is bound by another optional only": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } OPTIONAL { ?b :q ?c } ?b :r :x }"
    ),
    "a variable of both is bound by the later pattern only": (
        "ASK { ?s :p ?a OPTIONAL { ?t :q ?b } ?t :r :x }"
    ),
    "the filter of the optional names a variable of the later pattern": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b FILTER (?b = ?t) } ?t :r :x }"
    ),
    "the EXISTS of the optional names a variable of the later pattern": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b FILTER EXISTS { ?b :p ?t } } ?t :r :x }"
    ),
    "a variable of both comes from BIND, which may fail": (
        "ASK { ?s :p ?a BIND (1 / ?a AS ?t) OPTIONAL { ?s :q ?t } ?t :r :x }"
    ),
    "a variable of both comes from VALUES with UNDEF": (
        "ASK { VALUES ?t { :x UNDEF } ?s :p ?a OPTIONAL { ?s :q ?t } ?t :r :x }"
    ),
    "a variable of both comes from one side of a UNION": (
        "ASK { { ?s :p ?t } UNION { ?s :p ?a } OPTIONAL { ?s :q ?t } ?t :r :x }"
    ),
    "a variable of both comes from a sub-select": (
        "ASK { { SELECT ?t { ?s :p ?t } } OPTIONAL { ?u :q ?t } ?t :r :x }"
    ),
    "BIND in between reads what the optional binds": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } BIND (?b AS ?c) ?c :r :x }"
    ),
    "MINUS in between reads what the optional binds": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } MINUS { ?b :q ?d } ?s :r :x }"
    ),
    "the engine answers otherwise where MINUS is in the query": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x MINUS { ?s :q :y } }"
    ),
    "the engine answers otherwise where an OPTIONAL has another": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b OPTIONAL { ?b :q ?c } } ?s :r :x }"
    ),
    "the engine answers otherwise in GRAPH with a variable": (
        "ASK { GRAPH ?g { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x } }"
    ),
    "the engine counts negated paths otherwise": (
        "ASK { ?s !:p ?a OPTIONAL { ?s :q ?b } ?s :r :x }"
    ),
    "there are more parts than a person writes": (
        "ASK { ?s :p ?a " + 30 * "OPTIONAL { ?s :q ?b } " + "?s :r :x }"
    ),
    "a blank node label may stand in one basic graph pattern only": (
        "ASK { ?s :p _:a OPTIONAL { ?s :q ?b } ?s :r :x }"
    ),
    "the columns of SELECT * stand in the order of the text": (
        "SELECT * { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x }"
    ),
    "the columns of an inner SELECT * are seen outside": (
        "ASK { { SELECT DISTINCT * { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x } } }"
    ),
    "which rows LIMIT keeps depends on their order": (
        "SELECT ?s { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x } LIMIT 1"
    ),
    "a list is written in the order of the rows": (
        "SELECT (GROUP_CONCAT(?a) AS ?l) { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x }"
    ),
    "a number is drawn for each row": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } BIND (RAND() AS ?c) ?s :r :x }"
    ),
    "a triple term is of SPARQL 1.2": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r <<( :x :y :z )>> . ?s :r :x }"
    ),
    "LATERAL is an extension": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } LATERAL { ?s :q ?c } ?s :r :x }"
    ),
    "SERVICE is refused": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } SERVICE :x { ?s :q ?c } ?s :r :x }"
    ),
    "a keyword without a blank is read otherwise": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } FILTER:f(?s) ?s :r :x }"
    ),
    "two comparisons look like an IRI": (
        "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } BIND ((1<?b&&2>?a) AS ?c) ?s :r :x }"
    ),
    "the text ends too early": "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x",
    "a string is not closed": "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r 'x }",
    "a bracket is not closed": "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x FILTER ( }",
    "a brace is left over": "ASK { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x } }",
    "EXISTS has one pattern": "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?b } }",
    "each pattern of EXISTS is bound from outside": (
        "ASK { ?a :p ?b FILTER EXISTS { ?a :q ?x . ?y :q ?b } }"
    ),
    "no pattern of EXISTS is bound from outside": (
        "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?y . ?y :q ?z } }"
    ),
    "EXISTS asks whether something is bound": (
        "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?b . ?x :r ?y FILTER (BOUND(?a)) } }"
    ),
    "EXISTS has a blank node": "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?b . ?x :r [] . ?y :r ?z } }",
    "EXISTS has a path of no steps": (
        "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?b . ?x :r* ?y . ?z :q ?y } }"
    ),
    "EXISTS has an optional part": (
        "ASK { ?a :p ?b FILTER EXISTS { ?x :q ?b . ?y :q ?z OPTIONAL { ?x :r ?y } } }"
    ),
}


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_the_text_itself_comes_back_where(text: str) -> None:
    whole = PREFIX + text
    assert improve(whole) is whole


def test_a_query_without_optional_and_exists_is_not_read_at_all() -> None:
    unreadable = "SELECT ?s { ?s ?p 'not closed "
    assert improve(unreadable) is unreadable


@pytest.mark.parametrize(
    "sign", ["{", "(", "OPTIONAL {", "FILTER EXISTS {", "?s :p ?o OPTIONAL { ?s :q ?b } ", "[", "'"]
)
def test_a_text_that_goes_too_deep_or_too_long_comes_back(sign: str) -> None:
    text = "ASK { OPTIONAL { ?s ?p ?o } " + sign * 3000
    assert improve(text) is text


def test_the_rewritten_text_is_not_rewritten_again() -> None:
    once = improve(PREFIX + "SELECT ?s { ?s :p ?a OPTIONAL { ?s :q ?b } ?s :r :x }")
    assert improve(once) is once


# --- The answers are the same

VARIABLES: Final = ("a", "b", "c", "d")
NODES: Final = (":x", ":y", ":z")
LITERALS: Final = ("1", "1.0", "2", '"l"@en', '"l"')
VERBS: Final = (":p", ":q", ":r", "a")
PATHS: Final = (":p/:q", "^:p", ":p|:q", ":p+", ":q*", ":r?", "!:p", "(:p/^:q)")
KINDS: Final = (
    *("triple", "triple", "triple", "optional", "optional", "optional", "optional", "filter"),
    *("filter", "bind", "values", "undef", "minus", "union", "graph", "group", "select"),
)
SELECTS: Final = (
    "SELECT ?a ?b ?c ?d { @ }",
    "SELECT DISTINCT ?a ?c { @ }",
    "SELECT ?a (COUNT(*) AS ?n) (COUNT(DISTINCT ?b) AS ?m) (MIN(?c) AS ?l) { @ } GROUP BY ?a",
    "SELECT ?a { @ } GROUP BY ?a HAVING (COUNT(?b) > 1)",
    "SELECT * { @ }",
    "SELECT ?a ?b ?d { @ } VALUES ?a { :x UNDEF }",
    "ASK { @ }",
    "CONSTRUCT { ?a :p ?b . ?c :q ?d } { @ }",
    "SELECT ?a ?b ?c ?d { GRAPH ?c { @ } }",
    "SELECT ?a ?b ?c ?d { :x :p ?a { @ } UNION { ?a :q ?b . @ } }",
)


def graph(seed: int) -> ox.Store:
    """Return a small graph, and a named one, dense enough for most patterns to match."""
    made = random.Random(seed)
    store = ox.Store()
    nodes = [ox.NamedNode("http://example.org/" + name) for name in "xyz"]
    verbs = [ox.NamedNode("http://example.org/" + name) for name in "pqr"]
    verbs.append(ox.NamedNode(str(rdflib.RDF.type)))
    values = [*nodes, *nodes, ox.Literal(1), ox.Literal(1.0), ox.Literal("l", language="en")]
    places = [ox.DefaultGraph(), ox.DefaultGraph(), ox.NamedNode("http://g/1")]
    for _ in range(made.choice((10, 30, 60))):
        terms = (made.choice(nodes), made.choice(verbs), made.choice(values))
        store.add(ox.Quad(*terms, made.choice(places)))
    return store


class _Writer:
    """Writes random queries."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.made = 0

    def one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def variable(self) -> str:
        return "?" + self.one(*VARIABLES)

    def triple(self) -> str:
        subject = self.one(*5 * [self.variable()], ":x")
        verb = self.one(*VERBS, *VERBS, self.one(*PATHS), "?d")
        value = self.one(*8 * [self.variable()], self.one(*NODES), self.one(*NODES, *LITERALS))
        more = self.one("", "", "", f" ; :p {self.variable()}", f", {self.variable()}")
        return f"{subject} {verb} {value}{more}"

    def expression(self, depth: int) -> str:
        first, second = self.variable(), self.variable()
        choices = [
            f"{first} = {second}",
            f"{first} != {second}",
            f"{first} = 1",
            f"BOUND({first})",
            f"!BOUND({first}) || {first} = {second}",
            f"COALESCE({first}, 2) = 2",
            f"isIRI({first})",
        ]
        if depth:
            choices += 3 * [f"{self.one('', 'NOT ')}EXISTS {self.tested(depth - 1)}"]
        return str(self.one(*choices))

    def tested(self, depth: int) -> str:
        if self.one(True, True, False):
            body = " . ".join(self.triple() for _ in range(self.one(2, 2, 3)))
            return f"{{ {body} {self.one('', f'FILTER ({self.expression(depth)})')} }}"
        return f"{{ {self.group(depth)} }}"

    def simple(self) -> str:
        """Return a part of the kind that may be moved, or that others may be moved past."""
        inner = " ".join(self.triple() + " ." for _ in range(self.one(1, 1, 2)))
        inner += self.one("", "", f" FILTER ({self.expression(0)})")
        kind = self.one("optional", "optional", "optional", "triple", "triple", "union", "other")
        if kind == "other":
            return str(self.one(self.triple() + " .", self.part(1)))
        return {
            "optional": f"OPTIONAL {{ {inner} }}",
            "triple": self.triple() + " .",
            "union": f"{{ {inner} }} UNION {{ {self.triple()} }}",
        }[kind]

    def part(self, depth: int) -> str:
        kind = self.one(*KINDS)
        if kind == "triple" or not depth:
            return self.triple() + " ."
        if kind == "filter":
            return f"FILTER ({self.expression(depth)})"
        if kind == "bind":
            self.made += 1
            return f"BIND ({self.variable()} AS ?e{self.made})"
        if kind == "values":
            return f"VALUES {self.variable()} {{ {self.one(*NODES)} {self.one(*LITERALS)} }}"
        if kind == "undef":
            return f"VALUES (?a ?b) {{ ({self.one(*NODES)} UNDEF) (UNDEF {self.one(*NODES)}) }}"
        inner = self.group(depth - 1)
        return {
            "optional": f"OPTIONAL {{ {inner} }}",
            "minus": f"MINUS {{ {inner} }}",
            "union": f"{{ {inner} }} UNION {{ {self.triple()} }}",
            "graph": f"GRAPH {self.one('?c', '<http://g/1>')} {{ {inner} }}",
            "group": f"{{ {inner} }}",
            "select": f"{{ SELECT {self.one('?a ?b', '?c', 'DISTINCT ?a', '*')} {{ {inner} }} }}",
        }[kind]

    def group(self, depth: int) -> str:
        if self.one(True, True, False):
            return " ".join(self.simple() for _ in range(self.one(2, 3, 4)))
        return " ".join(self.part(depth) for _ in range(self.one(1, 2, 3, 4)))


def query(seed: int) -> str:
    """Return a random query, well-formed but for a few; drawing each choice apart is slow."""
    writer = _Writer(seed)
    outer = " ".join((writer.triple() + " .", writer.group(2), writer.triple()))
    return PREFIX + str(writer.one(*SELECTS)).replace("@", outer)


def solutions(store: ox.Store, text: str) -> Counter[Any]:
    """Return the solutions, or the statements, each with how often it comes."""
    answer = store.query(text)
    if isinstance(answer, ox.QueryBoolean):
        return Counter([bool(answer)])
    if isinstance(answer, ox.QuerySolutions):
        names = [name.value for name in answer.variables]
        return Counter([tuple(names), *(tuple(map(str, row)) for row in answer)])
    return Counter(str(statement) for statement in answer)


def is_rewritten(text: str) -> bool:
    if improve(text) is text:
        return False
    try:
        ox.Store().query(text)
    except SyntaxError:
        return False
    return True


REWRITTEN: Final = st.integers(0, 2**32).map(query).filter(is_rewritten)


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(store=st.integers(0, 2**32).map(graph), text=REWRITTEN)
def test_a_rewritten_query_has_the_same_solutions_each_as_often(store: ox.Store, text: str) -> None:
    assert solutions(store, improve(text)) == solutions(store, text)


SHAPES: Final = (
    "SELECT ?a ?b ?c { ?a :p ?b OPTIONAL { ?b :q ?c } ?a :r :x }",
    "SELECT ?a ?b ?c { ?a :p ?b OPTIONAL { ?b :q ?c FILTER (?c != ?a) } ?a :r :x . ?d :p ?a }",
    "SELECT ?a ?b ?c { ?a :p ?b OPTIONAL { ?b :q ?c } VALUES ?a { :x } OPTIONAL { ?a :q ?d } }",
    "SELECT ?a ?b ?c { ?a :p ?b OPTIONAL { ?a :q ?c } { ?b :r :x } UNION { ?b :q :y } }",
    "SELECT ?a (COUNT(?c) AS ?n) { ?a :p ?b OPTIONAL { ?b :q ?c } ?a :r :x } GROUP BY ?a",
    "SELECT ?a ?b { ?a :p ?b FILTER NOT EXISTS { ?c :q ?b . ?c :r ?d . ?d :p :x } }",
    "SELECT ?a ?b { ?a :p ?b FILTER EXISTS { ?c :q ?b . ?e :r ?d FILTER (?d != ?b) } }",
)


@pytest.mark.parametrize("text", SHAPES)
def test_rdflib_and_the_engine_agree_on_a_query_and_on_what_it_is_rewritten_to(text: str) -> None:
    asked = PREFIX + text
    assert improve(asked) is not asked
    for seed in range(12):
        store = ox.Store()
        for quad in graph(seed).quads_for_pattern(None, None, None, ox.DefaultGraph()):
            if isinstance(quad.object, ox.NamedNode):
                store.add(quad)
        data = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        assert data is not None
        other = rdflib.Graph().parse(data=data.decode(), format="nt")
        answers = [solutions(store, asked), solutions(store, improve(asked))]
        answers += [rdflib_solutions(other, asked), rdflib_solutions(other, improve(asked))]
        assert answers == [answers[0]] * 4


def rdflib_solutions(graph: rdflib.Graph, text: str) -> Counter[Any]:
    """Return the solutions as `solutions` does."""
    answer = graph.query(text)
    names = tuple(str(name) for name in answer.vars or ())
    rows = (tuple("None" if term is None else term.n3() for term in row) for row in answer)
    return Counter([names, *rows])
