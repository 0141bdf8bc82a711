"""What a change does: to pages, to stated totals, to the answers of the library, to the findings.

Both states are built in memory as `kg build` does it: the accepted view, and what the rules infer.
Nothing is written but the earlier state, for the check, to a folder that is removed again.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple, cast

import pyoxigraph as ox

from kg.accepted import accepted_quads, rulings
from kg.build import infer
from kg.changes.compare import Comparison
from kg.changes.sides import Side
from kg.check import run
from kg.dataset import INFERRED
from kg.errors import KgError
from kg.findings import Finding
from kg.namespaces import DCTERMS, FOAF, ID, RDFS, SKOS, shorten
from kg.questions import ask_store
from kg.terms import in_default_graph, in_graph

TOTALS: Final = "stated-against-listed"  # the question of the library that compares them
_LABELS: Final = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title", FOAF + "name")

Row = tuple[str, ...]


class Total(NamedTuple):
    """A number that a source states, and how many the graph lists.

    Attributes:
        thing: Which the number is about, as a prefixed name.
        counted: What is counted.
        stated: The number of the source.
        listed: The number of the graph.
    """

    thing: str
    counted: str
    stated: str
    listed: str

    @property
    def agrees(self) -> bool:
        """Whether both are the same number."""
        try:
            return Decimal(self.stated) == Decimal(self.listed)
        except InvalidOperation:
            return False


class Answer(NamedTuple):
    """How the answer to a question of the library changed.

    Attributes:
        name: Of the question.
        question: In English.
        added: Rows that came.
        removed: Rows that went.
        fault: Why it has no answer now, or had none before.
    """

    name: str
    question: str
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    fault: str = ""


@dataclass(frozen=True)
class Impact:
    """What a change does.

    Attributes:
        pages: The entities whose pages change.
        agree: Totals that agree now and did not before.
        disagree: Totals that do not agree now and did before, or are new and do not.
        answers: The questions whose answers change.
        appeared: Findings that are new.
        mended: Findings that are gone.
        unknown: Why pages, totals and answers cannot be told; else empty.
    """

    pages: tuple[ox.NamedNode, ...]
    agree: tuple[Total, ...]
    disagree: tuple[Total, ...]
    answers: tuple[Answer, ...]
    appeared: tuple[Finding, ...]
    mended: tuple[Finding, ...]
    unknown: str = ""


def impact(comparison: Comparison) -> Impact:
    """Return what the difference of two states does.

    Raises:
        DataError: A shape is at fault, so that nothing can be checked.
        BuildError: A rule of inference is at fault.
    """
    old, new = comparison.old, comparison.new
    before, after = _findings(old), _findings(new)
    appeared, mended = _difference(after, before), _difference(before, after)
    broken = [*old.broken, *new.broken]
    if broken:
        unknown = f"{broken[0].name} cannot be read"
        return Impact((), (), (), (), appeared, mended, unknown)
    earlier, later = _view(old), _view(new)
    stated, states = _totals(old, earlier), _totals(new, later)
    return Impact(
        tuple(_pages(earlier, later)),
        tuple(t for t in states if t.agrees and t not in stated),
        tuple(t for t in states if not t.agrees and t not in stated and _is_fresh(t, stated)),
        tuple(_answers(old, new, earlier, later)),
        appeared,
        mended,
    )


def _is_fresh(total: Total, before: list[Total]) -> bool:
    """Tell whether a total that does not agree is a new one, or one that agreed before."""
    same = [t for t in before if (t.thing, t.counted) == (total.thing, total.counted)]
    return not same or any(t.agrees for t in same)


def _view(side: Side) -> ox.Store:
    """Return what a build would serve: accepted view, inferences and named graphs."""
    dataset = side.dataset()
    quads = list(dataset.quads())
    view = {quad.triple for quad in accepted_quads(quads, rulings(dataset))}
    inferred = infer(view, side.texts("queries/rules"))
    graph = ox.NamedNode(INFERRED)
    store = ox.Store()
    store.bulk_extend(in_default_graph(triple) for triple in view | inferred)
    named = (*quads, *(in_graph(triple, graph) for triple in inferred))
    store.bulk_extend(cast(ox.Quad, quad) for quad in named)
    return store


def _pages(before: ox.Store, after: ox.Store) -> list[ox.NamedNode]:
    """Return the entities of which something is said otherwise, or who show a changed name."""
    changed = set(before) ^ set(after)
    found = {term for quad in changed for term in (quad.subject, quad.object)}
    renamed = {quad.subject for quad in changed if quad.predicate.value in _LABELS}
    for store in (before, after):
        for node in renamed:
            if isinstance(node, ox.NamedNode):
                found |= {quad.subject for quad in store.quads_for_pattern(None, None, node)}
                found |= {q.object for q in store.quads_for_pattern(node, None, None)}
    return sorted(
        (t for t in found if isinstance(t, ox.NamedNode) and t.value.startswith(ID)), key=str
    )


def _totals(side: Side, store: ox.Store) -> list[Total]:
    text = side.texts("queries/questions").get(TOTALS)
    if text is None:
        return []
    return [Total(*row[:4]) for row in ask_store(store, text).cells()]


def _answers(old: Side, new: Side, before: ox.Store, after: ox.Store) -> Iterator[Answer]:
    earlier, later = old.texts("queries/questions"), new.texts("queries/questions")
    for name in sorted({*earlier, *later}):
        gone, fault_before = _rows(before, earlier.get(name))
        come, fault = _rows(after, later.get(name))
        added, removed = come - gone, gone - come
        if added or removed or fault != fault_before:
            yield Answer(
                name,
                _question(later.get(name) or earlier.get(name, "")),
                tuple(sorted(added.elements())),
                tuple(sorted(removed.elements())),
                fault or fault_before,
            )


def _rows(store: ox.Store, text: str | None) -> tuple[Counter[Row], str]:
    if text is None:
        return Counter(), ""
    try:
        return Counter(tuple(row) for row in ask_store(store, text).cells()), ""
    except KgError as error:
        return Counter(), str(error).splitlines()[0]


def _question(text: str) -> str:
    found = re.search(r"^#\+\s+en: (.+)$", text, re.MULTILINE)
    return found[1].strip("'\"") if found else ""


def _findings(side: Side) -> list[Finding]:
    with _folder(side) as root:
        return run.check_dataset(root).findings


@contextmanager
def _folder(side: Side) -> Iterator[Path]:
    """Give the folder of a state; a revision is written to one that is removed again."""
    if side.root is not None:
        yield side.root
        return
    with tempfile.TemporaryDirectory(prefix="kg-diff-") as place:
        root = Path(place).resolve()
        for name, content in side.contents.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield root


def _difference(one: list[Finding], other: list[Finding]) -> tuple[Finding, ...]:
    """Return the findings that one list has and the other has not, whatever their lines."""
    left = Counter(finding.fingerprint for finding in other)
    found = []
    for finding in one:
        if left[finding.fingerprint]:
            left[finding.fingerprint] -= 1
        else:
            found.append(finding)
    return tuple(found)


def short_row(row: Row) -> str:
    """Return a row of an answer on one line."""
    return " | ".join(shorten(cell) for cell in row)
