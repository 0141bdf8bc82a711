"""What takes the rows away after the pattern: HAVING, OFFSET, LIMIT, a template without values."""

from itertools import pairwise

from kg.diagnosis.model import Edit, Finding, Near
from kg.diagnosis.probing import View
from kg.diagnosis.tree import Query
from kg.diagnosis.words import finding


def explain_modifiers(view: View, query: Query) -> list[Finding]:
    """Return what is wrong with a query, or sub-select, whose pattern has solutions."""
    if query.form == "CONSTRUCT":
        start, end = query.start, query.start + len(query.form) + len(query.head.rstrip())
        return [finding("empty-template", (start, end), {})]
    if query.form != "SELECT":
        return []
    if query.limit == 0:
        return [_limit_zero(query)]
    if query.offset:
        total = view.count(_without_cut(query))
        if 0 < total <= query.offset:
            return [_past_the_end(query, query.offset, total)]
    if query.havings:
        first, last = query.havings[0], query.havings[-1]
        return [finding("having-removes-all", (first.start, last.end), {})]
    return []


def _limit_zero(query: Query) -> Finding:
    start, end = _clause(query, "LIMIT")
    edit = Edit(start, end, "LIMIT 100")
    return finding("limit-zero", (start, end), {}, nearest=(Near("LIMIT 100"),), edit=edit)


def _past_the_end(query: Query, offset: int, total: int) -> Finding:
    start, end = _clause(query, "OFFSET")
    values = {"offset": str(offset), "total": str(total)}
    near, edit = (Near("OFFSET 0"),), Edit(start, end, "OFFSET 0")
    return finding("past-the-end", (start, end), values, nearest=near, edit=edit)


def _clause(query: Query, word: str) -> tuple[int, int]:
    return next(
        (start, end) for start, end in query.cut if query.text[start:end].upper().startswith(word)
    )


def _without_cut(query: Query) -> str:
    """Return the text of the query, without prologue, dataset, LIMIT and OFFSET."""
    assert query.where is not None  # noqa: S101 - a SELECT has a pattern
    text = query.text
    ends = [*sorted(query.cut), (query.end, query.end)]
    pieces = [text[query.where.start : ends[0][0]]]
    pieces += [text[here[1] : there[0]] for here, there in pairwise(ends)]
    return f"SELECT {query.head} {' '.join(pieces)}"
