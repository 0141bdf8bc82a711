"""Why a FILTER leaves no row: terms of another form than the values that there are, or an error."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from kg.check.nearest import closest
from kg.diagnosis.lexicon import Lexicon
from kg.diagnosis.model import Edit, Finding, Near
from kg.diagnosis.probing import View, Wrap
from kg.diagnosis.terms import Terms
from kg.diagnosis.tokens import OWN
from kg.diagnosis.tree import Element, Known, Part, Restriction, as_text
from kg.diagnosis.values import as_near, match, near_values, retyped
from kg.diagnosis.words import finding
from kg.query.guard import tokens

_MOST_CONSTANTS: Final = 20
_TOLD: Final = 5


class Restrictions:
    """Explains conditions of one query."""

    def __init__(self, view: View, lexicon: Lexicon, terms: Terms, text: str) -> None:
        """Make it; `text` is the whole query."""
        self._view = view
        self._lexicon = lexicon
        self._terms = terms
        self._text = text

    def explain(
        self, condition: Restriction, joined: Sequence[Element], wrap: Wrap
    ) -> list[Finding]:
        """Return what is wrong with a condition that holds for no row.

        Args:
            condition: The condition.
            joined: The parts whose rows it restricts.
            wrap: What stands around them.
        """
        if condition.is_pattern or "EXISTS" in condition.expression.upper():
            return [self._plain("filter-removes-all", condition, joined, wrap)]
        unbound = list(self._unbound(condition, joined))
        if unbound:
            return unbound
        for part in condition.constants[:_MOST_CONSTANTS]:
            found = self._replaced(part, condition, joined, wrap)
            if found is not None:
                return [found]
        is_error = not self._view.any_of(
            f"{as_text(joined)} BIND({_bracketed(condition)} AS ?{OWN}ok) FILTER(BOUND(?{OWN}ok))",
            wrap,
        )
        code = "filter-error" if is_error else "filter-removes-all"
        return [self._plain(code, condition, joined, wrap)]

    def _unbound(self, condition: Restriction, joined: Sequence[Element]) -> Iterator[Finding]:
        """Yield the variables of a condition that no part of its group binds."""
        named = {
            name
            for each in joined
            if each.kind != "minus"
            for name in each.variables
            if not name.startswith(OWN)
        }
        if "BOUND" in condition.expression.upper() or "COALESCE" in condition.expression.upper():
            return
        for token in tokens(condition.text):
            name = token.text[1:]
            if token.kind != "variable" or name in named:
                continue
            start = condition.start + token.start
            near = closest(name.lower(), {other.lower() for other in named})
            meant = sorted(other for other in named if other.lower() in (near, name.lower()))
            edit = Edit(start, start + len(token.text), f"?{meant[0]}") if meant else None
            listed = tuple(Near(f"?{other}") for other in (meant or sorted(named)))
            place = (start, start + len(token.text))
            yield finding("unbound-variable", place, {"name": name}, nearest=listed, edit=edit)

    def _replaced(
        self, part: Part, condition: Restriction, joined: Sequence[Element], wrap: Wrap
    ) -> Finding | None:
        """Return the constant in whose place another form of it would let rows through."""
        if part.term is None:
            return None
        for name in sorted(condition.variables):
            values = self._view.values(as_text(joined), name, wrap)
            for code, term in self._candidates(part.term, condition, values):
                text = self._terms.write(term)
                start, end = part.start - condition.start, part.end - condition.start
                changed = condition.text[:start] + text + condition.text[end:]
                if self._view.any_of(f"{as_text(joined)}\n{changed}", wrap):
                    edit = Edit(part.start, part.end, text)
                    near = as_near(term, self._terms, self._lexicon)
                    told = {"term": part.text, "other": near.text}
                    place = (part.start, part.end)
                    return finding(code, place, told, nearest=(near,), edit=edit)
        return None

    def _candidates(
        self, term: Known, condition: Restriction, values: Sequence[Known]
    ) -> Iterator[tuple[str, Known]]:
        if isinstance(term, ox.Literal) and "LANG" in condition.expression.upper():
            tags = {value.language for value in values if isinstance(value, ox.Literal)}
            for tag in _tags_like(term.value, tags):
                yield "wrong-tag", ox.Literal(tag)
        found = match(term, values, self._lexicon)
        if found is not None:
            yield found.code, found.term
        if isinstance(term, ox.Literal):
            for other in retyped(term, values):
                yield ("wrong-language" if other.language else "wrong-datatype"), other

    def _plain(
        self, code: str, condition: Restriction, joined: Sequence[Element], wrap: Wrap
    ) -> Finding:
        """Return a finding that only shows the values that there are."""
        named = {name for each in joined for name in each.variables}
        near: tuple[Near, ...] = ()
        sought = condition.constants[0].term if condition.constants else None
        for name in sorted(condition.variables & named):
            values = self._view.values(as_text(joined), name, wrap)
            near += near_values(sought, values, self._terms, self._lexicon)
        place = (condition.start, condition.end)
        return finding(code, place, {}, nearest=near[:_TOLD])


def _bracketed(condition: Restriction) -> str:
    return f"({condition.expression})"


def _tags_like(text: str, tags: set[str | None]) -> list[str]:
    """Return the language tags that a text may stand for: in another case, or of a region."""
    primary = text.lower().partition("-")[0]
    known = sorted(tag for tag in tags if tag)
    same = [tag for tag in known if tag.lower() == text.lower()]
    near = [tag for tag in known if tag.lower().partition("-")[0][:2] == primary[:2]]
    return [tag for tag in (*same, *near) if tag != text]
