"""Triple patterns of a query, one by one: lists, brackets and paths are taken apart.

A blank node is asked as a variable, which matches the same (SPARQL 1.1 Query, section 4.1.4). A
path `a/b` becomes two patterns with a variable between them, and `^a` a pattern the other way
round (section 9.3).
"""

from collections.abc import Iterator
from dataclasses import replace

from kg.diagnosis.terms import Terms
from kg.diagnosis.tokens import OWN, Tokens, UnreadError
from kg.diagnosis.tree import Part, Pattern, pattern
from kg.namespaces import RDF

_FIRST, _REST, _NIL = (f"<{RDF}{name}>" for name in ("first", "rest", "nil"))
_CONSTANTS = ("iri", "prefixed", "string", "number")
_REPEATS = ("*", "+", "?")
_NAMES = ("iri", "prefixed")


class Patterns:
    """Takes triple patterns from tokens."""

    def __init__(self, found: Tokens, terms: Terms) -> None:
        """Make it, over tokens that are read elsewhere too."""
        self._tokens = found
        self._terms = terms
        self._made = 0

    def run(self) -> Iterator[Pattern]:
        """Yield the patterns of one subject, up to the full stop.

        Raises:
            UnreadError: There is something else.
        """
        start = self._tokens.start
        if self._tokens.sign in ("[", "("):
            subject, own = self._node()
            yield from own
            if not self._begins_verb():
                return
        else:
            subject = self.term()
        yield from self._properties(subject, start)

    def term(self) -> Part:
        """Take a term or a variable."""
        found = self._tokens
        if found.kind == "variable":
            start, text = found.start, found.take("variable")
            return Part(f"?{text[1:]}", start, found.end_before, None, text[1:])
        if found.kind == "prefixed" and found.listed[found.at].text.startswith("_:"):
            start, label = found.start, found.take("prefixed")[2:]
            return self._blank(start, f"{OWN}b{label}".replace(".", "_").replace("-", "_"))
        return self.constant()

    def constant(self) -> Part:
        """Take an IRI or a literal.

        Raises:
            UnreadError: There is something else.
        """
        found, start = self._tokens, self._tokens.start
        is_word = found.word in ("A", "TRUE", "FALSE")
        if found.sign in ("+", "-"):
            found.at += 1
        if found.kind not in _CONSTANTS and not is_word:
            raise UnreadError
        is_string = found.kind == "string"
        found.at += 1
        if is_string and (found.kind == "language" or found.skip_sign("^^")):
            found.at += 1
        text = found.between(start, found.end_before)
        return Part(text, start, found.end_before, self._terms.read(text))

    def _blank(self, start: int, name: str) -> Part:
        return Part(f"?{name}", start, self._tokens.end_before, None, name)

    def _new(self, start: int) -> Part:
        self._made += 1
        return self._blank(start, f"{OWN}{self._made}")

    def _properties(self, subject: Part, start: int) -> Iterator[Pattern]:
        found = self._tokens
        while True:
            steps = self._verb()
            begins = min(start, steps[0].start)
            yield from self._values(subject, steps, begins)
            if not found.skip_sign(";"):
                return
            while found.skip_sign(";"):
                pass
            start = found.start
            if not self._begins_verb():
                return

    def _begins_verb(self) -> bool:
        found = self._tokens
        is_name = found.kind in ("variable", *_NAMES) or found.word == "A"
        return is_name or found.sign in ("(", "^", "!")

    def _values(self, subject: Part, steps: list[Part], start: int) -> Iterator[Pattern]:
        found = self._tokens
        while True:
            value, own = self._node() if found.sign in ("[", "(") else (self.term(), [])
            yield from self._chain(subject, steps, value, start)
            yield from own
            if not found.skip_sign(","):
                return
            start = found.start

    def _chain(
        self, subject: Part, steps: list[Part], value: Part, start: int
    ) -> Iterator[Pattern]:
        """Yield a pattern for each step of a path."""
        for at, step in enumerate(steps):
            is_last = at == len(steps) - 1
            after = value if is_last else self._new(step.start)
            begins = start if at == 0 else step.start
            end = max(value.end, step.end) if is_last else step.end
            if (
                step.text.startswith("^")
                and len(step.names) == 1
                and step.text[1:] == (step.names[0].text)
            ):
                yield pattern(begins, end, after, step.names[0], subject)
            else:
                yield pattern(begins, end, subject, step, after)
            subject = after

    def _node(self) -> tuple[Part, list[Pattern]]:
        """Take a blank node with properties, or a list."""
        found, start = self._tokens, self._tokens.start
        node = self._new(start)
        if found.skip_sign("["):
            own = [] if found.sign == "]" else list(self._properties(node, found.start))
            found.expect("]")
            return node, own
        found.expect("(")
        return self._list(start, node)

    def _list(self, start: int, node: Part) -> tuple[Part, list[Pattern]]:
        found, first, own = self._tokens, node, list[Pattern]()
        if found.skip_sign(")"):
            return Part(_NIL, start, found.end_before, self._terms.read(_NIL)), own
        while True:
            item, inner = self._node() if found.sign in ("[", "(") else (self.term(), [])
            own.append(pattern(item.start, item.end, node, self._own_verb(_FIRST, item), item))
            own += inner
            is_last = found.skip_sign(")")
            after = self._own_name(_NIL, item) if is_last else self._new(item.start)
            own.append(pattern(item.start, item.end, node, self._own_verb(_REST, item), after))
            if is_last:
                return first, own
            node = after

    def _own_verb(self, text: str, at: Part) -> Part:
        part = self._own_name(text, at)
        return replace(part, names=(part,))

    def _own_name(self, text: str, at: Part) -> Part:
        return Part(text, at.start, at.end, self._terms.read(text))

    def _verb(self) -> list[Part]:
        """Take a verb: a variable, or the steps of a path."""
        if self._tokens.kind == "variable":
            return [self.term()]
        first = self._tokens.at
        steps = [self._step()]
        while self._tokens.skip_sign("/"):
            steps.append(self._step())
        if self._tokens.sign != "|":
            return steps
        self._tokens.at = first
        return [self._alternatives()]

    def _alternatives(self) -> Part:
        start, names = self._tokens.start, list[Part]()
        while True:
            names += self._step().names
            if not (self._tokens.skip_sign("/") or self._tokens.skip_sign("|")):
                break
        end = self._tokens.end_before
        return Part(self._tokens.between(start, end), start, end, None, "", tuple(names))

    def _step(self) -> Part:
        """Take one step of a path, with what stands before and after it."""
        found, start = self._tokens, self._tokens.start
        while found.sign in ("^", "!"):
            found.at += 1
        if found.skip_sign("("):
            names = () if found.sign == ")" else self._alternatives().names
            found.expect(")")
        elif found.kind in _NAMES or found.word == "A":
            names = (self._name(),)
        else:
            raise UnreadError
        if found.sign in _REPEATS:
            found.at += 1
        end = found.end_before
        text = found.between(start, end)
        if len(names) == 1 and names[0].text == text:
            return replace(names[0], names=names)
        return Part(text, start, end, None, "", names)

    def _name(self) -> Part:
        found, start = self._tokens, self._tokens.start
        text = found.listed[found.at].text
        found.at += 1
        text = "a" if text == "A" else text
        return Part(text, start, found.end_before, self._terms.read(text))
