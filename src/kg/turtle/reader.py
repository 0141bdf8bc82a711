"""The reading with places: every token, every triple, and every fault of one text.

The grammar is read with one loop over the tokens and a stack of open brackets, never by recursion,
so that neither depth nor length can end it otherwise than by its end. Where a token does not fit,
`kg.turtle.recovery` says what is wrong there and where to go on.
"""

import re
from bisect import bisect_left
from functools import cached_property
from operator import itemgetter
from typing import Final, NamedTuple, cast

import pyoxigraph as ox

from kg.namespaces import PREFIXES, RDF, XSD
from kg.terms import Resource, Term
from kg.turtle.lines import Lines
from kg.turtle.reading import Block, Edits, Fault, Prefix, Reading, Statement
from kg.turtle.strict import MAX_DEPTH
from kg.turtle.tokens import Token, token_list, unescape

_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_NIL: Final = ox.NamedNode(RDF + "nil")
_TYPE: Final = ox.NamedNode(RDF + "type")
_BOOLEAN: Final = ox.NamedNode(XSD + "boolean")
_NUMBERS: Final = {kind: ox.NamedNode(XSD + kind) for kind in ("integer", "decimal", "double")}
UNKNOWN: Final = ox.NamedNode("urn:x-kg:unknown")  # stands for a term that cannot be read

# What may come next: a subject, a first verb, a verb after `;`, an object, an item of a list, or
# what ends an object.
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_ESCAPE: Final = re.compile(r"\\(?:(?P<code>u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})|[\s\S])")

SUBJECT, VERB, NEXT_VERB, OBJECT, ITEM, AFTER = range(6)


class Frame(NamedTuple):
    """An open bracket and what was being read when it opened.

    Attributes:
        bracket: `[` or `(`.
        state: What the thing in brackets is: SUBJECT, OBJECT or ITEM.
        node: The blank node of `[`.
        outer: Subject and predicate outside, each with its two places.
        items: What a list holds so far, each with its two places.
        at: Offset of the bracket.
        place: Of the bracket among the tokens.
    """

    bracket: str
    state: int
    node: Resource
    outer: tuple[Resource, int, int, ox.NamedNode, int, int]
    items: list[tuple[Term, int, int]]
    at: int
    place: int


class Reader:
    """One reading of one text, also after a mistake: what has been found, and what is open."""

    def __init__(self, text: str, label: str = "b") -> None:
        self.text = text
        self.label = label
        self.found = Reading(text)
        self.tokens = token_list(text)
        self.marks = [token for token in self.tokens if token[0] != "comment"]
        self.marks.append(Token("end", "", len(text)))
        self.index = 0
        self.state = SUBJECT
        self.stack: list[Frame] = []
        self.subject: Resource = UNKNOWN
        self.subject_at = self.subject_end = 0
        self.verb = UNKNOWN
        self.verb_at = self.verb_end = 0
        self.begun = 0  # where the statement begins that is being read
        self.base = ""
        self.prefixes: dict[str, str | None] = {}
        self.names: dict[str, ox.NamedNode] = {}
        self.blanks = 0
        # Only after a mistake
        self.quiet = 0  # a token before this index that does not fit comes of the last mistake
        self.swallowed = 0  # how often a string without its end has taken what follows it
        self.lost = 0  # declarations whose prefix cannot be read
        self.conflict = False  # whether a merge conflict has begun
        self.braces = 0
        self.last: tuple[Resource, int, int] | None = None  # the subject before this one

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    def step(self) -> bool:
        """Read on until the end or until a token does not fit; tell whether one does not fit."""
        marks, names, stack = self.marks, self.names, self.stack
        statements, new = self.found.statements, tuple.__new__
        keep = statements.append
        index, state = self.index, self.state
        subject, subject_at, subject_end = self.subject, self.subject_at, self.subject_end
        verb, verb_at, verb_end = self.verb, self.verb_at, self.verb_end
        fits = True
        while fits:
            kind, text, start = marks[index]
            term: Term | None = None
            if state in (OBJECT, ITEM):
                if kind == "name" or kind == "iri":
                    term = names.get(text)
                    if term is None:
                        term = self.constant(marks[index])
                    end = start + len(text)
                elif kind == "string" or kind == "long":
                    term, index = self.literal(index)
                    end = marks[index].end
                elif kind == "number":
                    term, end = number(text), start + len(text)
                elif kind == "blank":
                    term, end = self.blank(text), start + len(text)
                elif text == "[" or text == "(":
                    term = None
                    if len(stack) < MAX_DEPTH:
                        node = self.new_blank() if text == "[" else _NIL
                        outer = (subject, subject_at, subject_end, verb, verb_at, verb_end)
                        stack.append(Frame(text, state, node, outer, [], start, index))
                        index += 1
                        if text == "[":
                            subject, subject_at, subject_end = node, start, start + 1
                            state = VERB
                        else:
                            state = ITEM
                        continue
                elif text == ")" and state == ITEM:
                    frame = stack.pop()
                    term, start = self.list_of(frame), frame.at
                    end = start + 1
                    subject, subject_at, subject_end, verb, verb_at, verb_end = frame.outer
                    state = frame.state
                if term is None:
                    fits = False
                    break
                index += 1
            elif state == AFTER:
                if text == ";":
                    state = NEXT_VERB
                elif text == ",":
                    state = OBJECT
                elif text == "." and not stack:
                    self.close(subject, subject_at, subject_end, start + 1)
                    state = SUBJECT
                elif text == "]" and stack:
                    state = NEXT_VERB
                    continue
                else:
                    fits = False
                    break
                index += 1
                continue
            elif state in (VERB, NEXT_VERB):
                if kind == "name" or kind == "iri":
                    if text == "a":
                        verb = _TYPE
                    else:
                        known = names.get(text)
                        if known is None:
                            known = self.named(marks[index])
                        if known is None:
                            fits = False
                            break
                        verb = known
                    verb_at, verb_end = start, start + len(text)
                    state = OBJECT
                    index += 1
                    continue
                if text == "]" and stack and (state == NEXT_VERB or marks[index - 1][1] == "["):
                    frame = stack.pop()
                    term, start = frame.node, frame.at
                    end = start + 1
                    empty = marks[index - 1][1] == "["
                    subject, subject_at, subject_end, verb, verb_at, verb_end = frame.outer
                    state = frame.state
                    index += 1
                    if state == SUBJECT:
                        subject, subject_at, subject_end = frame.node, start, end
                        state = VERB
                        if not empty and marks[index][1] == ".":
                            state = AFTER
                        continue
                elif state == NEXT_VERB and text == ";":
                    index += 1
                    continue
                elif state == NEXT_VERB and text == "." and not stack:
                    state = AFTER
                    continue
                else:
                    fits = False
                    break
            else:
                if kind == "end":
                    break
                if kind == "name" or kind == "iri":
                    known = names.get(text)
                    if known is None:
                        known = self.named(marks[index])
                    if known is None:
                        self.index = index
                        if self.directive():
                            index = self.index
                            continue
                        fits = False
                        break
                    subject = known
                elif kind == "directive":
                    self.index = index
                    if self.directive():
                        index = self.index
                        continue
                    fits = False
                    break
                elif kind == "blank":
                    subject = self.blank(text)
                elif text == "[" or text == "(":
                    node = self.new_blank() if text == "[" else _NIL
                    outer = (subject, subject_at, subject_end, verb, verb_at, verb_end)
                    stack.append(Frame(text, state, node, outer, [], start, index))
                    self.begun = start
                    index += 1
                    if text == "[":
                        subject, subject_at, subject_end = node, start, start + 1
                        state = VERB
                    else:
                        state = ITEM
                    continue
                else:
                    fits = False
                    break
                self.begun = subject_at = start
                subject_end = start + len(text)
                index += 1
                state = VERB
                continue
            # A whole object: of a list, of a statement, or the list that is a subject.
            if state == ITEM:
                stack[-1].items.append((term, start, end))
            elif state == SUBJECT:
                subject, subject_at, subject_end = term, start, end  # type: ignore[assignment]
                state = VERB
            else:
                if subject is not UNKNOWN and verb is not UNKNOWN and term is not UNKNOWN:
                    parts = (subject, verb, term, subject_at, verb_at, start)
                    keep(new(Statement, (*parts, subject_end, verb_end, end)))
                state = AFTER
        self.index, self.state = index, state
        self.subject, self.subject_at, self.subject_end = subject, subject_at, subject_end
        self.verb, self.verb_at, self.verb_end = verb, verb_at, verb_end
        return not fits

    def close(self, subject: Resource, subject_at: int, subject_end: int, end: int) -> None:
        """Note that a statement has ended."""
        self.last = (subject, subject_at, subject_end)
        known = None if subject is UNKNOWN else subject
        self.found.blocks.append(Block(self.begun, end, known, subject_at))

    def fault(
        self,
        code: str,
        variant: str,
        start: int,
        end: int,
        edits: Edits = (),
        is_safe: bool = False,
        **args: str,
    ) -> None:
        """Note a mistake, once at each place."""
        faults = self.found.faults
        if faults and faults[-1].code == code and faults[-1].start == start:
            return
        self.found.faults.append(Fault(code, variant, start, end, args, edits, is_safe))

    def split(self, index: int, at: int) -> None:
        """Take a string token as ended before an offset inside it, and read the rest anew."""
        token = self.marks[index]
        rest = token_list(self.text, at)
        cut = Token("error", self.text[token.start : at].rstrip(), token.start)
        place = bisect_left(self.tokens, token.start, key=itemgetter(2))
        self.tokens[place:] = [cut, *rest]
        self.marks[index:] = [cut, *(mark for mark in rest if mark.kind != "comment")]
        self.marks.append(Token("end", "", len(self.text)))

    # --- Terms

    def constant(self, token: Token) -> Term | None:
        """Return what a name means as an object; None where it means nothing there."""
        if token.text == "true" or token.text == "false":
            return ox.Literal(token.text, datatype=_BOOLEAN)
        return self.named(token)

    def named(self, token: Token) -> ox.NamedNode | None:
        """Return the IRI of a name; None for a keyword, UNKNOWN where there is a mistake in it."""
        text = token.text
        if token.kind == "iri":
            term = self._iri(token)
        elif token.kind == "name" and ":" in text:
            prefix, _, local = text.partition(":")
            if prefix not in self.prefixes:
                if text == ":":
                    return None
                self._undeclared(prefix, token)
            base = self.prefixes[prefix]
            term = UNKNOWN
            if base is not None:
                term = self._prefixed(prefix, base, local, token)
        else:
            return None
        self.names[text] = term
        return term

    def _undeclared(self, prefix: str, token: Token) -> None:
        """Note the first use of a prefix that is not declared."""
        self.prefixes[prefix] = None
        if self.lost:  # its declaration is there, but cannot be read
            self.lost -= 1
            return
        if "\ufeff" in prefix:  # a name may have one, and nobody means it
            at = token.start + prefix.index("\ufeff")
            self.fault("SYN25", "sign", at, at + 1, ((at, at + 1, ""),), False, signs="U+FEFF")
            return
        iri = PREFIXES.get(prefix)
        args = {"prefix": prefix}
        edits: Edits = ()
        if iri is not None:
            args["iri"] = iri
            at = self.found.prefixes[-1].end if self.found.prefixes else 0
            line = f"@prefix {prefix}: <{iri}> ."
            text = f"\n{line}" if at else f"{line}\n"
            edits = ((at, at, text),)
        end = token.start + len(prefix) + 1
        self.fault("NMS01", "undeclared", token.start, end, edits, bool(edits), **args)

    def _iri(self, token: Token) -> ox.NamedNode:
        if self.base:
            return self._by_parser(token.text, token, self.base)
        iri = unescape(token.text[1:-1])
        if not _SCHEME.match(iri):
            self.fault("SYN06", "relative", token.start, token.end, found=token.text)
            return UNKNOWN
        try:
            return ox.NamedNode(iri)
        except ValueError:
            self.fault("SYN06", "invalid", token.start, token.end, found=token.text)
            return UNKNOWN

    def _prefixed(self, prefix: str, base: str, local: str, token: Token) -> ox.NamedNode:
        try:
            return ox.NamedNode(base + re.sub(r"\\(.)", r"\1", local))
        except ValueError:  # the parser lets some names pass that are no IRIs by RFC 3987
            return self._by_parser(f"@prefix {prefix}: <{base}> .\n{token.text}", token)

    def _by_parser(self, text: str, token: Token, base: str | None = None) -> ox.NamedNode:
        """Return the IRI that pyoxigraph sees in a token, which is not known to be one."""
        try:
            quads = ox.parse(f"{text} <x:y> 1 .", format=ox.RdfFormat.TURTLE, base_iri=base)
            return cast(ox.NamedNode, next(quads).subject)
        except SyntaxError:
            self.fault("SYN06", "invalid", token.start, token.end, found=token.text)
            return UNKNOWN

    def literal(self, index: int) -> tuple[Term, int]:
        """Return the literal that begins at a token, and the index of its last token."""
        kind, text, start = self.marks[index]
        quotes = 3 if kind == "long" else 1
        value = text[quotes:-quotes]
        is_good = True
        if "\\" in value:
            is_good = self._escapes(value, start + quotes)
            value = unescape(value) if is_good else value
        follower, suffix, at = self.marks[index + 1]
        if follower == "language" or (follower == "directive" and at == start + len(text)):
            try:
                literal = ox.Literal(value, language=suffix[1:])
            except ValueError:
                self.fault("SYN14", "tag", at, at + len(suffix), found=suffix)
                return UNKNOWN, index + 1
            return (literal if is_good else UNKNOWN), index + 1
        if follower == "datatype":
            kind, suffix, _ = self.marks[index + 2]
            if kind == "iri" or kind == "name":
                datatype = self.names.get(suffix) or self.named(self.marks[index + 2])
                if datatype is not None:
                    if datatype is UNKNOWN or not is_good:
                        return UNKNOWN, index + 2
                    return ox.Literal(value, datatype=datatype), index + 2
        return (ox.Literal(value) if is_good else UNKNOWN), index

    def _escapes(self, value: str, at: int) -> bool:
        """Tell whether the escapes of a string are right; note each that is not."""
        is_good = True
        for match in _ESCAPE.finditer(value):
            code = match["code"]
            if code is None or 0xD800 <= int(code[1:], 16) < 0xE000 or int(code[1:], 16) > 0x10FFFF:
                if code is None and match[0][1] in "tbnrf\"'\\":
                    continue
                start = at + match.start()
                self.fault("SYN05", "string", start, start + len(match[0]), found=match[0])
                is_good = False
        return is_good

    def blank(self, text: str) -> ox.BlankNode:
        """Return the blank node with a label of the text."""
        return ox.BlankNode(f"{self.label}n{text[2:].encode().hex()}")

    def new_blank(self) -> ox.BlankNode:
        """Return a blank node that has no label in the text."""
        self.blanks += 1
        return ox.BlankNode(f"{self.label}x{self.blanks}")

    def list_of(self, frame: Frame) -> Resource:
        """Keep the statements of a list and return its first node."""
        rest: Resource = _NIL
        at = frame.at
        places = (at, at)
        for value, value_at, value_end in reversed(frame.items):
            node = self.new_blank()
            if value is not UNKNOWN:
                self.found.statements.append(
                    Statement(node, _FIRST, value, *places, value_at, at + 1, at + 1, value_end)
                )
            self.found.statements.append(
                Statement(node, _REST, rest, *places, at, at + 1, at + 1, at + 1)
            )
            rest = node
        return rest

    # --- Directives

    def directive(self) -> bool:
        """Read a directive from the current token on; tell whether it is well-formed."""
        kind, text, start = self.marks[self.index]
        word = text.lstrip("@").lower()
        if word not in ("prefix", "base"):
            return False
        at = self.index + 1
        name = self.marks[at]
        if word == "prefix":
            if name.kind != "name" or name.text.find(":") != len(name.text) - 1:
                return False
            at += 1
        iri = self.marks[at]
        if iri.kind != "iri":
            return False
        is_sparql = kind != "directive"
        if not is_sparql and self.marks[at + 1].text != ".":
            return False
        last = iri if is_sparql else self.marks[at + 1]
        if word == "base":
            self.rebase(iri)
        else:
            self.declare(name, iri, start, last.end, is_sparql)
        self.index = at + (1 if is_sparql else 2)
        return True

    def rebase(self, iri: Token) -> None:
        """Take an IRI as the base of those that follow."""
        node = self._iri(iri)
        self.base = "" if node is UNKNOWN else node.value
        self.names.clear()

    def declare(self, name: Token, iri: Token, start: int, end: int, is_sparql: bool) -> None:
        """Note a declaration of a prefix."""
        node = self._iri(iri)
        label = name.text.removesuffix(":")
        value = None if node is UNKNOWN else node.value
        self.prefixes[label] = value
        self.names.clear()
        places = (start, end, name.start, iri.start)
        self.found.prefixes.append(Prefix(label, value or "", *places, is_sparql))


def number(text: str) -> ox.Literal:
    """Return the literal of a number that is written without quotes."""
    kind = "double" if "e" in text or "E" in text else "decimal" if "." in text else "integer"
    return ox.Literal(text, datatype=_NUMBERS[kind])
