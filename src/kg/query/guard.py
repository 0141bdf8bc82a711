r"""What a query is refused for before the engine sees it: SERVICE, and depth that would kill.

The text is cut into the tokens of SPARQL, so that a word in a string, an IRI, a comment, a
variable or a prefixed name is never taken for a keyword. Nothing here decides whether the query
is well-formed; that is the engine's work.

- `SERVICE` makes the engine open a connection to wherever the query says. There is no switch for
  it, so it is refused by name (and a worker has no file descriptors left to open a socket with).
  The engine takes keywords without a blank after or before them: it reads `trueSERVICE<...>` as
  `true SERVICE <...>`, and `service:x {` as `SERVICE :x {` even where a prefix `service` is
  declared. So every bare word with SERVICE in it is refused, and every prefixed name with it in
  the prefix where a brace follows. A prefix called `service` stays usable elsewhere.
- The engine's parser and planner recurse. On a stack of 8 MiB (the usual one of a main thread) the
  process died at the depths below, found by trying 10, 100, 300, 1000, 3000 and 10000 of each
  construct with pyoxigraph 0.5.13; `kg.query.service` gives a query 64 MiB, eight times that:

      construct                            lived   died      limit here
      nested function calls, EXISTS, IF      300   1,000     MAX_DEPTH 100
      nested groups, OPTIONAL, sub-SELECT  1,000   3,000     MAX_DEPTH 100
      nested ( ) in expressions            3,000  10,000     MAX_DEPTH 100
      OPTIONAL or MINUS one after another  1,000   3,000     MAX_GROUPS 500
      BIND or (... AS ?x) one after other  1,000   3,000     MAX_BINDINGS 500
      chains of + - * / ! || && | ^        3,000  10,000     MAX_OPERATORS 1,000
      IN (...), VALUES, prefixes          30,000       -     no limit

Codepoint escapes (`\u0041`) outside strings and IRIs are not decoded by the engine, so neither are
they here: `\u0053ERVICE` is a syntax error in both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, cast
from urllib.parse import urljoin, urlsplit

from kg.errors import MalformedError
from kg.namespaces import PREFIXES

MAX_DEPTH: Final = 100
MAX_GROUPS: Final = 500
MAX_BINDINGS: Final = 500
MAX_OPERATORS: Final = 1000

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_FORMS: Final[tuple[Form, ...]] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
)

# SPARQL 1.1, section 19.8, rules [139] to [173], as far as they matter for where a token ends.
# A quote that opens no string becomes a mark, which `tokens` refuses: going on after it would cost
# time that grows with the square of the length.
_TOKEN: Final = re.compile(
    r"""(?P<blank>[\x20\t\r\n]+|\#[^\r\n]*)
    |(?P<iri><[^\x00-\x20<>"{}|^`\\]*(?:\\u[0-9A-Fa-f]{4}[^\x00-\x20<>"{}|^`\\]*
        |\\U[0-9A-Fa-f]{8}[^\x00-\x20<>"{}|^`\\]*)*>)
    |(?P<string>'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
        |\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"
        |'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    |(?P<variable>[?$][\w·‿⁀]+)
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<prefixed>(?:_|[^\W\d_](?:[\w.·-]{0,100}[\w·-])?)?:
        (?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])
        (?:(?:[\w.:·-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
        (?:[\w:·-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]))?)?)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d_]\w*)
    |(?P<mark><<|>>|\{\||\|\}|\|\||&&|\^\^|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING: Final = frozenset(("{", "(", "[", "<<", "{|"))
_CLOSING: Final = frozenset(("}", ")", "]", ">>", "|}"))
_OPERATORS: Final = frozenset(
    ("!", "/", "|", "+", "*", "^", "-", "?", "=", "<", ">", "||", "&&", "!=", "<=", ">=")
)
# Every sign that opens something or is an operator.
_SIGNS: Final = re.compile(r"[{(\[<>!/|+*^?=&-]")
_HIDDEN: Final = re.compile(r"\).*SERVICE.*\#", re.IGNORECASE)
QUICK_CHARACTERS: Final = 1 << 14
# The prologue and the word after it, where no keyword is glued to its neighbour and every name is
# plain ASCII. Possessive, so that the time is linear in the length.
_START: Final = re.compile(
    r"""(?:[\x20\t\r\n]++|\#[^\r\n]*+|(?:BASE|PREFIX[\x20\t\r\n]++
        (?:[A-Z](?:[\w.-]{0,100}[\w-])?+)?+:)[\x20\t\r\n]*+
        <[^\x00-\x20<>"{}|^`\\]*+>)*+(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:.-]|[^\x00-\x7f])""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_STRUCTURE: Final = re.compile(r"[!/|+*^(\[&=-]")


_SERVICE: Final = (
    "SERVICE is not available: this server opens no connections. Ask the other endpoint yourself "
    "and pass its answer on with VALUES; where this is a prefix, give it another name"
)
_UPDATE: Final = (
    "this belongs to SPARQL Update; the endpoint is read-only and takes SELECT, ASK, CONSTRUCT "
    "and DESCRIBE"
)


class Token(NamedTuple):
    """A token of a query.

    Attributes:
        kind: Name of the group of the pattern: iri, string, variable, prefixed, word, mark ...
        text: As it stands in the query.
        start: Offset of its first character, in code points.
    """

    kind: str
    text: str
    start: int


class Graph(NamedTuple):
    """A graph that FROM or FROM NAMED names."""

    iri: str
    is_named: bool


@dataclass(frozen=True)
class Outline:
    """What is known of a query without parsing it.

    Attributes:
        form: The query form; None where the text starts with none, and the engine will refuse it.
        dataset: The graphs of FROM and FROM NAMED, in order.
        calls: Whether it calls another endpoint, by a SERVICE that is allowed.
    """

    form: Form | None
    dataset: tuple[Graph, ...]
    calls: bool = False


class QueryRefusedError(MalformedError):
    """A query that is not given to the engine: it asks for a service, or goes too deep."""


def tokens(text: str) -> Iterator[Token]:
    """Cut a query into tokens; blanks and comments are left out, every other character is in.

    Raises:
        QueryRefusedError: A string is not closed.
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind == "mark" and match.group() in ("'", '"'):
            raise refused(text, match.start(), "the string that begins here is not closed")
        if kind != "blank":
            yield Token(kind, match.group(), match.start())


def quick_form(text: str) -> Form | None:
    """Return the form of a query of the usual make, at little cost; None where it takes `inspect`.

    >>> quick_form("PREFIX e: <http://e/> select * {}")
    'SELECT'
    """
    found = _START.match(text, 0, QUICK_CHARACTERS)
    return None if found is None else cast(Form, found[1].upper())


def is_harmless(text: str) -> bool:
    """Tell, at little cost, that `inspect` would refuse nothing here and finds no dataset clause.

    But for a string that is not closed, which the engine refuses too. It counts signs wherever they
    stand, also in strings and comments, so it errs on the safe side: where it says no, `inspect`
    decides.
    """
    if quick_form(text) is None:
        return False
    text = text.upper()  # as `inspect` does: some letters beyond ASCII become ASCII by it
    if "SERVICE" in text or "FROM" in text or text.count("AS") > MAX_DEPTH:
        return False
    return len(_SIGNS.findall(text)) <= MAX_DEPTH


def inspect(text: str, origins: Sequence[str] = ()) -> Outline:
    """Return the outline of a query that may go to the engine.

    Args:
        text: The query.
        origins: Those that SERVICE may name, such as `https://query.example.org`.

    Raises:
        QueryRefusedError: It contains a SERVICE that is not allowed, is an update, or exceeds a
            limit of this module.
    """
    count = _Count()
    outline = _Prologue()
    previous: Token | None = None
    service: Token | None = None
    calls = False
    for token in tokens(text):
        if service is not None and token.text.upper() != "SILENT":
            is_glued = token.kind == "prefixed" and token.text.upper().startswith("SILENT")
            if is_glued or _origin(outline.resolved(token)) not in origins:
                raise refused(text, service.start, _not_allowed(origins))
            service = None
            calls = True
        elif origins and token.kind == "word" and token.text.upper() == "SERVICE":
            service = token
        elif _calls_service(token, previous):
            raise refused(text, (token if token.text != "{" else previous or token).start, _SERVICE)
        if token.kind == "word" and outline.form is None and token.text.upper() in _UPDATES:
            raise refused(text, token.start, _UPDATE)
        previous = token
        fault = count.add(token)
        if fault:
            raise refused(text, token.start, fault)
        outline.add(token)
    return Outline(outline.form, tuple(outline.graphs), calls)


def _origin(iri: str | None) -> str | None:
    """Return scheme, host and port of an http or https IRI; None for anything else."""
    try:
        parts = urlsplit(iri or "")
    except ValueError:
        return None  # such as a bracket that is not closed
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _joined(base: str, iri: str) -> str:
    """Return an IRI made absolute; as it stands where that cannot be, and the engine says why."""
    try:
        return urljoin(base, iri) if base else iri
    except ValueError:
        return iri


def _not_allowed(origins: Sequence[str]) -> str:
    return (
        f"SERVICE may only name an address at one of: {', '.join(origins)}; ask another endpoint "
        "yourself and pass its answer on with VALUES"
    )


def undeclared_prefix(text: str) -> QueryRefusedError | None:
    """Return the fault of the first prefix that a query uses and does not declare, or None.

    For a query that the engine has refused already: it says where it stopped, not what is missing.
    """
    declared: set[str] = {"_"}
    previous = ""
    for token in tokens(text):
        if token.kind == "prefixed":
            prefix = token.text.partition(":")[0]
            if previous.upper() == "PREFIX":
                declared.add(prefix)
            elif prefix not in declared:
                known = PREFIXES.get(prefix)
                add = f"add PREFIX {prefix}: <{known}>" if known else f"add PREFIX {prefix}: <…>"
                return refused(text, token.start, f"prefix {prefix}: is not declared; {add}")
        previous = token.text
    return None


def refused(text: str, offset: int, reason: str) -> QueryRefusedError:
    """Return the error for a place in a query, with line and column counted from 1."""
    before = text[:offset]
    line = before.count("\n") + 1
    return QueryRefusedError(None, line, offset - (before.rfind("\n") + 1) + 1, reason)


def _calls_service(token: Token, previous: Token | None) -> bool:
    """Tell whether the engine could read SERVICE at this token, or at the one before a brace."""
    if token.kind == "word":
        return "SERVICE" in token.text.upper()
    if token.kind == "iri":
        # In `FILTER(?a<?b)SERVICE:x#>` the engine reads a comparison, a clause and a comment.
        return _HIDDEN.search(token.text) is not None
    if token.text != "{" or previous is None or previous.kind != "prefixed":
        return False
    return "SERVICE" in previous.text.partition(":")[0].upper()


@dataclass
class _Count:
    """How deep and how long the query is so far."""

    depth: int = 0
    groups: int = 0
    bindings: int = 0
    operators: int = 0

    def add(self, token: Token) -> str | None:
        """Count a token; return why the query is refused, or None."""
        if token.kind == "mark":
            self.depth += (token.text in _OPENING) - (token.text in _CLOSING)
            self.groups += token.text == "{"
            self.operators += token.text in _OPERATORS
        elif token.kind == "iri":
            # `?a<((1))>?b` looks like an IRI here, and the engine reads it as two comparisons.
            if len(_STRUCTURE.findall(token.text)) > MAX_DEPTH:
                return f"an IRI with more than {MAX_DEPTH} signs of structure in it"
        elif token.kind == "word":
            self.bindings += token.text.upper().endswith("AS")
        return self._excess()

    def _excess(self) -> str | None:
        for found, limit, what in (
            (self.depth, MAX_DEPTH, "levels of nesting"),
            (self.groups, MAX_GROUPS, "groups in braces"),
            (self.bindings, MAX_BINDINGS, "AS clauses"),
            (self.operators, MAX_OPERATORS, "operators"),
        ):
            if found > limit:
                return (
                    f"more than {limit} {what}, which could exhaust the engine; "
                    "use IN or VALUES for long lists, or split the query"
                )
        return None


@dataclass
class _Prologue:
    """The query form, and the dataset clause with its IRIs made absolute."""

    form: Form | None = None
    graphs: list[Graph] = field(default_factory=list)
    base: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    prefix: str = ""

    def resolved(self, token: Token) -> str | None:
        """Return the absolute IRI that a token stands for; None for another token."""
        if token.kind == "iri":
            return _joined(self.base, token.text[1:-1])
        if token.kind == "prefixed":
            prefix, _, local = token.text.partition(":")
            return self.prefixes.get(prefix + ":", "") + re.sub(r"\\(.)", r"\1", local)
        return None

    def add(self, token: Token) -> None:
        """Take in the next token; only the words just before a name matter."""
        if token.kind == "word":
            word = token.text.upper()
            self.form = self.form or next((f for f in _FORMS if word.startswith(f)), None)
            self.words = (*self.words[-1:], word)
        elif token.kind == "iri":
            self._name(self.resolved(token) or "")
        elif token.kind == "prefixed" and self.words == ("PREFIX",):
            self.prefix = token.text
        elif token.kind == "prefixed":
            self._name(self.resolved(token) or "")
        else:
            self.words = ()

    def _name(self, iri: str) -> None:
        if self.words[-1:] == ("BASE",):
            self.base = iri
        elif self.words[-1:] == ("PREFIX",):
            self.prefixes[self.prefix] = iri
        elif self.words[-1:] == ("FROM",):
            self.graphs.append(Graph(iri, is_named=False))
        elif self.words[-2:] == ("FROM", "NAMED"):
            self.graphs.append(Graph(iri, is_named=True))
        self.words = ()
