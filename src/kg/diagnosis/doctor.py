"""A diagnosis: one fault after the other, until the mended query has rows.

A change is only offered where the query has rows with it. Each round mends what can be mended
safely and looks at the query again, for a fault may hide another one; all places are told in the
query as it was sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

import pyoxigraph as ox

from kg.diagnosis.blame import Blame, blame
from kg.diagnosis.lexicon import Lexicon, twins
from kg.diagnosis.mending import apply, original_place
from kg.diagnosis.model import Diagnosis, Edit, Finding, Message, Near, Step, Verdict
from kg.diagnosis.modifiers import explain_modifiers
from kg.diagnosis.probing import View, Wrap, ask
from kg.diagnosis.reading import read
from kg.diagnosis.restrictions import Restrictions
from kg.diagnosis.statements import Statements
from kg.diagnosis.terms import Terms
from kg.diagnosis.tokens import UnreadError
from kg.diagnosis.tree import Block, Element, Group, Part, Pattern, Query, all_elements
from kg.diagnosis.values import as_near
from kg.diagnosis.words import (
    ANSWERED,
    CUT_LABELS,
    EMPTY,
    EMPTY_AT,
    EMPTY_UNKNOWN,
    NOTHING_COUNTED,
    UNEXPLAINED,
    UNREAD,
    finding,
)
from kg.errors import MalformedError
from kg.query.evaluation import Dataset, graphs_of, syntax_fault
from kg.query.guard import Form, inspect, undeclared_prefix

_ROUNDS: Final = 4
_SHOWN: Final = 80  # characters of a part in the summary
_NESTED: Final = 8  # groups within groups that are looked into


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


@dataclass
class _Look:
    """What one look at a query has found."""

    findings: list[Finding]
    steps: tuple[Step, ...] = ()


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
        edits: list[Edit] = []
        findings: list[Finding] = []
        steps: tuple[Step, ...] = ()
        mended: str | None = None
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
                mended = apply(text, edits)
                break
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

    def _look(self, text: str) -> _Look:
        query, terms = read(text)
        return _Examination(self._see(text), self._lexicon, query, terms).look(query)


class _Examination:
    """Looks for faults of one query, in the order in which they take effect."""

    def __init__(self, dataset: Dataset, lexicon: Lexicon, query: Query, terms: Terms) -> None:
        self._lexicon = lexicon
        self._terms = terms
        self._view = View(dataset, query)
        self._statements = Statements(self._view, lexicon, terms)
        self._restrictions = Restrictions(self._view, lexicon, terms, query.text)

    def look(self, query: Query) -> _Look:
        absent = [found for part in query.graphs for found in self._no_graph(part)]
        if absent:
            return _Look(absent)
        if query.where is None:
            return _Look(self._undescribed(query))
        look = self._group(query.where, (), 0)
        if not look.findings and not any(step.fails for step in look.steps):
            look.steps = (*look.steps, *_modifier_steps(query))
            look.findings = self._undescribed(query) + explain_modifiers(self._view, query)
        if not any(each.edit for each in look.findings):
            look.findings = _once([*look.findings, *self._anywhere(query.where)])
        return look

    def _anywhere(self, group: Group) -> Iterator[Finding]:
        """Yield what is said of terms that are not there, also where they only take rows away."""
        for each in all_elements(group):
            if isinstance(each, Pattern):
                yield from self._statements.missing(each)

    def _undescribed(self, query: Query) -> list[Finding]:
        found = []
        for part in query.described:
            if isinstance(part.term, ox.NamedNode):
                found += list(self._statements.no_thing(part, part.term.value))
        return found

    def _group(self, group: Group, wrap: Wrap, depth: int) -> _Look:
        if group.select is not None:
            return self._sub_select(group.select, wrap, depth)
        blamed = blame(self._view, group.elements, wrap)
        if blamed.needed:
            findings = self._joined(blamed, wrap, depth)
            for each in blamed.lonely:
                findings += self._alone(each, wrap, depth)
            return _Look(_once(findings), blamed.steps)
        return _Look(self._conditions(blamed, wrap), blamed.steps)

    def _sub_select(self, query: Query, wrap: Wrap, depth: int) -> _Look:
        if query.where is None or depth > _NESTED:
            return _Look([])
        look = self._group(query.where, wrap, depth + 1)
        if look.findings or wrap:
            return look
        return _Look(explain_modifiers(self._view, query), look.steps)

    def _joined(self, blamed: Blame, wrap: Wrap, depth: int) -> list[Finding]:
        last = blamed.needed[-1]
        if last.kind == "minus":
            return [finding("minus-removes-all", (last.start, last.end), {})]
        if len(blamed.needed) == 1:
            return self._alone(last, wrap, depth)
        return self._statements.explain(blamed.needed, wrap)

    def _alone(self, element: Element, wrap: Wrap, depth: int) -> list[Finding]:
        """Return what is wrong with a part that has no solution by itself."""
        place = (element.start, element.end)
        if element.kind == "values":
            return [finding("values-match-nothing", place, {})]
        if not isinstance(element, Block):
            return self._statements.explain([element], wrap)
        if depth > _NESTED:
            return []
        if element.kind == "graph" and element.name is not None:
            absent = list(self._no_graph(element.name))
            if absent:
                return absent
            around = f"GRAPH {element.name.text}"
            return self._group(element.groups[0], (*wrap, around), depth + 1).findings
        found: list[Finding] = []
        for group in element.groups:
            found += self._group(group, wrap, depth + 1).findings
        return found

    def _conditions(self, blamed: Blame, wrap: Wrap) -> list[Finding]:
        if blamed.is_together:
            first, *others = blamed.conditions
            related = tuple((each.start, each.end) for each in others)
            return [finding("filters-together", (first.start, first.end), {}, related=related)]
        found: list[Finding] = []
        for each in blamed.conditions:
            found += self._restrictions.explain(each, blamed.joined, wrap)
        return found

    def _no_graph(self, part: Part) -> list[Finding]:
        if not isinstance(part.term, ox.NamedNode) or part.term.value in self._lexicon.graphs:
            return []
        likely = self._lexicon.nearest_graph(part.term.value)
        twin = [each for each in twins(part.term.value) if each in self._lexicon.graphs]
        iris = tuple(dict.fromkeys((*twin, *likely.iris)))
        near: tuple[Near, ...] = tuple(
            as_near(ox.NamedNode(iri), self._terms, self._lexicon) for iri in iris
        )
        is_close = bool(twin) or likely.is_close
        edit = Edit(part.start, part.end, near[0].text) if near and is_close else None
        place, values = (part.start, part.end), {"term": part.text}
        return [finding("absent-graph", place, values, nearest=near, edit=edit)]


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


def _modifier_steps(query: Query) -> list[Step]:
    """Return a step for each clause after the pattern, the one that fails marked."""
    steps = [Step("modifier", each.start, each.end) for each in query.havings]
    steps += [Step("modifier", start, end) for start, end in query.cut]
    if steps and query.form == "SELECT":
        steps[-1] = replace(steps[-1], rows=0, fails=True)
    return steps


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


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list({(each.code, each.start): each for each in findings}.values())


def _overlaps(first: Edit, second: Edit) -> bool:
    return first.start < second.end and second.start < first.end


def _apart(edits: Sequence[Edit]) -> list[Edit]:
    """Return edits of which no two overlap, the first ones of those that do."""
    kept: list[Edit] = []
    for each in edits:
        if not any(_overlaps(each, other) for other in kept):
            kept.append(each)
    return kept
