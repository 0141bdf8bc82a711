"""A diagnosis: one fault after the other, until the mended query has rows.

A change is only offered where the query has rows with it. Each round mends what can be mended
safely and looks at the query again, for a fault may hide another one; all places are told in the
query as it was sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, cast

import pyoxigraph as ox

from kg.diagnosis.examination import Examination, Look
from kg.diagnosis.lexicon import Lexicon
from kg.diagnosis.mending import apply, original_place
from kg.diagnosis.model import Diagnosis, Edit, Finding, Message, Step, Verdict
from kg.diagnosis.probing import View, ask
from kg.diagnosis.reading import read
from kg.diagnosis.tokens import UnreadError
from kg.diagnosis.tree import Query
from kg.diagnosis.words import (
    ANSWERED,
    CUT_LABELS,
    EMPTY,
    EMPTY_AT,
    EMPTY_UNKNOWN,
    NOTHING_COUNTED,
    UNEXPLAINED,
    UNREAD,
)
from kg.errors import MalformedError
from kg.query.evaluation import Dataset, graphs_of, syntax_fault
from kg.query.guard import Form, inspect, undeclared_prefix

_ROUNDS: Final = 4
_SHOWN: Final = 80  # characters of a part in the summary


def diagnose(
    store: ox.Store,
    text: str,
    *,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    lexicon: Lexicon | None = None,
) -> Diagnosis:
    """Return why a query has no answer, or that it has one.

    Args:
        store: What is asked.
        text: A SPARQL query.
        default_graphs: IRIs; these and `named_graphs` replace FROM and FROM NAMED.
        named_graphs: IRIs.
        lexicon: Of the store, where one has been read already.

    Raises:
        MalformedError: Not well-formed, or refused by `kg.query.guard`; with line and column.
        DataError: It cannot be evaluated.
    """

    def see(asked: str) -> Dataset:
        return Dataset(store, graphs_of(asked, default_graphs, named_graphs))

    return _Doctor(see, lexicon or Lexicon(store)).diagnose(text)


class _Doctor:
    def __init__(self, see: Callable[[str], Dataset], lexicon: Lexicon) -> None:
        """Make it; `see` gives what a text asks, by its FROM clauses."""
        self._see = see
        self._lexicon = lexicon

    def diagnose(self, text: str) -> Diagnosis:
        rows = _answer(self._see(text), text)
        try:
            query, _ = read(text)
            verdict = self._verdict(query, has_rows=rows)
            if verdict == "answered":
                return Diagnosis(text, query.form, verdict, Message(ANSWERED, {}))
            return self._empty(text, query.form, verdict)
        except UnreadError:
            return self._unread(text, has_rows=rows)

    def _verdict(self, query: Query, *, has_rows: bool) -> Verdict:
        if not has_rows:
            return "empty"
        if not query.is_total or query.where is None:
            return "answered"
        view = View(self._see(query.text), query)
        is_counted = view.any_of(query.text[query.where.start : query.where.end])
        return "answered" if is_counted else "nothing-counted"

    def _unread(self, text: str, *, has_rows: bool) -> Diagnosis:
        outline: Form = _form(text)
        if has_rows:
            return Diagnosis(text, outline, "answered", Message(ANSWERED, {}))
        unknown = (Message(UNREAD, {}),)
        return Diagnosis(text, outline, "empty", Message(EMPTY_UNKNOWN, {}), unknown=unknown)

    def _empty(self, text: str, form: Form, verdict: Verdict) -> Diagnosis:
        steps, findings, mended = self._mended(text)
        told = sorted(findings, key=lambda each: (each.start, each.end))
        told = [replace(each, query=self._alone(text, each, mended)) for each in told]
        return Diagnosis(
            text,
            form,
            verdict,
            _summary(text, verdict, steps, told),
            steps,
            tuple(told),
            mended,
            self._unknown(told),
        )

    def _mended(self, text: str) -> tuple[tuple[Step, ...], list[Finding], str | None]:
        """Return steps and findings of an empty query, and the query with rows that it becomes."""
        edits: list[Edit] = []
        findings: list[Finding] = []
        steps: tuple[Step, ...] = ()
        for number in range(_ROUNDS):
            look = self._look(apply(text, edits))
            steps = steps if number else look.steps
            new = [_placed(each, edits) for each in look.findings]
            findings += [each for each in new if not _is_known(each, findings)]
            more = [each.edit for each in new if each.edit is not None]
            more = [each for each in more if not any(_overlaps(each, other) for other in edits)]
            if not more:
                break
            edits += _apart(more)
            if self._has_rows(apply(text, edits)):
                return steps, findings, apply(text, edits)
        return steps, findings, None

    def _alone(self, text: str, each: Finding, mended: str | None) -> str | None:
        """Return the query with the change of one finding, or with all, where it has rows."""
        if each.edit is None:
            return None
        changed = apply(text, [each.edit])
        return changed if changed == mended or self._has_rows(changed) else mended

    def _has_rows(self, text: str) -> bool:
        try:
            if not _answer(self._see(text), text):
                return False
            query, _ = read(text)
        except (MalformedError, UnreadError):
            return False
        return self._verdict(query, has_rows=True) == "answered"

    def _unknown(self, findings: Sequence[Finding]) -> tuple[Message, ...]:
        told = []
        if not findings:
            told.append(Message(UNEXPLAINED, {}))
        if self._lexicon.is_cut:
            told.append(Message(CUT_LABELS, {}))
        return tuple(told)

    # --- One look

    def _look(self, text: str) -> Look:
        query, terms = read(text)
        return Examination(self._see(text), self._lexicon, query, terms).look(query)


def _answer(dataset: Dataset, text: str) -> bool:
    """Tell whether the answer to a query is not empty.

    Raises:
        MalformedError: It is not well-formed.
        DataError: It cannot be evaluated.
    """
    try:
        answer = ask(dataset, text)
        if isinstance(answer, ox.QueryBoolean):
            return bool(answer)
        return next(iter(cast("ox.QuerySolutions", answer)), None) is not None
    except SyntaxError as error:
        raise (undeclared_prefix(text) or syntax_fault(str(error.msg or error))) from error


def _form(text: str) -> Form:
    form = inspect(text).form
    assert form is not None  # noqa: S101 - the engine has taken the text for a query
    return form


def _summary(
    text: str, verdict: Verdict, steps: Sequence[Step], findings: Sequence[Finding]
) -> Message:
    if verdict == "nothing-counted":
        return Message(NOTHING_COUNTED, {})
    failing = next((step for step in steps if step.fails), None)
    if failing is None:
        return Message(EMPTY if findings else EMPTY_UNKNOWN, {})
    line = text.count("\n", 0, failing.start) + 1
    part = " ".join(text[failing.start : failing.end].split())
    shown = part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…"
    return Message(EMPTY_AT, {"line": str(line), "text": shown})


def _placed(each: Finding, edits: Sequence[Edit]) -> Finding:
    """Return a finding of a changed query with its places in the original."""
    if not edits:
        return each
    start, end = original_place(each.start, each.end, edits)
    related = tuple(original_place(*place, edits) for place in each.related)
    edit = each.edit
    if edit is not None:
        edit = Edit(*original_place(edit.start, edit.end, edits), edit.text)
    return replace(each, start=start, end=end, related=related, edit=edit)


def _is_known(each: Finding, findings: Sequence[Finding]) -> bool:
    return any((each.code, each.start) == (other.code, other.start) for other in findings)


def _overlaps(first: Edit, second: Edit) -> bool:
    return first.start < second.end and second.start < first.end


def _apart(edits: Sequence[Edit]) -> list[Edit]:
    """Return edits of which no two overlap, the first ones of those that do."""
    kept: list[Edit] = []
    for each in edits:
        if not any(_overlaps(each, other) for other in kept):
            kept.append(each)
    return kept
