"""The terms that tokens of a query stand for, and the text that a term is written as in it."""

import contextlib
import re
from typing import Final, cast

import pyoxigraph as ox

from kg.diagnosis.tree import Known
from kg.namespaces import RDF, XSD
from kg.query.guard import Token

_PLAIN: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_STRING: Final = XSD + "string"
_BARE: Final = {  # literals that SPARQL writes without quotes
    XSD + "integer": re.compile(r"\d+", re.ASCII),
    XSD + "decimal": re.compile(r"\d+\.\d+", re.ASCII),
    XSD + "boolean": re.compile("true|false"),
}


class Terms:
    """Reads and writes terms by the prefixes of one query."""

    def __init__(self, prologue: str, listed: list[Token]) -> None:
        """Make it.

        Args:
            prologue: The BASE and PREFIX lines.
            listed: The tokens of these lines.
        """
        self._prologue = prologue
        self._known: dict[str, Known | None] = {}
        self._prefixes = [token.text for token in listed if token.kind == "prefixed"]

    def read(self, text: str) -> Known | None:
        """Return the term that a text stands for; None where it stands for none."""
        if text == "a":
            return ox.NamedNode(RDF + "type")
        if text not in self._known:
            self._known[text] = self._asked(text)
        return self._known[text]

    def _asked(self, text: str) -> Known | None:
        """Have the engine read a term, for it knows escapes, bases and numbers."""
        with contextlib.suppress(SyntaxError, ValueError):
            asked = f"{self._prologue}\nSELECT ({text} AS ?term) {{}}"
            answer = cast(ox.QuerySolutions, ox.Store().query(asked))
            term = next(answer)["term"]
            if isinstance(term, ox.NamedNode | ox.Literal):
                return term
        return None

    def write(self, term: Known) -> str:
        """Return a term as it can stand in the query, by its prefixes where they fit."""
        if isinstance(term, ox.NamedNode):
            return self._name(term.value)
        plain = _BARE.get(term.datatype.value)
        if plain is not None and plain.fullmatch(term.value):
            return term.value
        quoted = str(ox.Literal(term.value))
        if term.language:
            return f"{quoted}@{term.language}"
        if term.datatype.value == _STRING:
            return quoted
        return f"{quoted}^^{self._name(term.datatype.value)}"

    def _name(self, iri: str) -> str:
        for prefix in self._prefixes:
            namespace = self.read(prefix)
            if isinstance(namespace, ox.NamedNode) and iri.startswith(namespace.value):
                local = iri[len(namespace.value) :]
                if _PLAIN.fullmatch(local):
                    return prefix + local
        return f"<{iri}>"
