"""What the doctor says: a verdict, what is left after each part of the query, and findings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from kg.query.guard import Form

Verdict = Literal["answered", "empty", "nothing-counted"]


class Message(NamedTuple):
    """A sentence that can be translated.

    Attributes:
        template: In English, with `%(name)s` for what is put in; the key of its translations.
        values: What is put in.
    """

    template: str
    values: Mapping[str, str]

    def told(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence, translated by a function from template to template."""
        return translate(self.template) % self.values


class Near(NamedTuple):
    """Something that is in the data, near what is asked for.

    Attributes:
        text: As it can stand in the query.
        iri: The IRI, or None for a literal and for what is no term.
        label: A name of it; empty where there is none.
    """

    text: str
    iri: str | None = None
    label: str = ""


class Edit(NamedTuple):
    """A change of the text: what stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Step:
    """A part of the query, and what is left after it.

    Attributes:
        kind: As in `kg.diagnosis.tree`, or `modifier`.
        start: Offset of its first character.
        end: Offset after its last one.
        rows: Solutions of everything up to here, counted to `COUNTED`; None where not counted.
        is_more: Whether there are more.
        fails: Whether nothing is left here for the first time.
    """

    kind: str
    start: int
    end: int
    rows: int | None = None
    is_more: bool = False
    fails: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: What sort of fault it is; see `kg.diagnosis.words`.
        start: Offset of the first character of what is at fault.
        end: Offset after its last one.
        message: What is wrong.
        remedy: What to do.
        nearest: What is in the data instead, nearest first.
        related: Other places that have to do with it.
        edit: A change after which this part matches something, or None.
        query: The whole query with this change, where it has rows; else None.
    """

    code: str
    start: int
    end: int
    message: Message
    remedy: Message
    nearest: tuple[Near, ...] = ()
    related: tuple[tuple[int, int], ...] = ()
    edit: Edit | None = None
    query: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What is known of a query and its answer.

    Attributes:
        text: The query.
        form: Of the query.
        verdict: `answered`: there is an answer that is not empty, and nothing else is said;
            `empty`; `nothing-counted`: one row of totals over nothing.
        summary: All of it in a sentence.
        steps: Its parts in order.
        findings: What is wrong, in the order of the text.
        query: The query with all changes, where it has rows; else None.
        unknown: What could not be worked out.
    """

    text: str
    form: Form
    verdict: Verdict
    summary: Message
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    query: str | None = None
    unknown: tuple[Message, ...] = field(default=())

    def as_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return it as JSON.

        Args:
            translate: Gives the template of a sentence in the language of the reader.
        """
        return {
            "verdict": self.verdict,
            "form": self.form,
            "summary": self.summary.told(translate),
            "steps": [self._step(step) for step in self.steps],
            "findings": [self._finding(each, translate) for each in self.findings],
            "query": self.query,
            "unknown": [each.told(translate) for each in self.unknown],
        }

    def place(self, start: int, end: int) -> dict[str, Any]:
        """Return a place as lines and columns from 1, in code points, and its text."""
        line, column = self._line(start)
        end_line, end_column = self._line(end)
        return {
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "text": self.text[start:end],
        }

    def _line(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")

    def _step(self, step: Step) -> dict[str, Any]:
        told = {"rows": step.rows, "at_least": step.is_more, "fails": step.fails}
        return {"kind": step.kind, **self.place(step.start, step.end), **told}

    def _finding(self, each: Finding, translate: Callable[[str], str]) -> dict[str, Any]:
        place = self.place(each.start, each.end)
        found = place.pop("text")
        return {
            "code": each.code,
            "message": each.message.told(translate),
            "remedy": each.remedy.told(translate),
            "found": found,
            **place,
            "related": [self.place(start, end) for start, end in each.related],
            "nearest": [
                {"term": near.text, "iri": near.iri, "label": near.label or None}
                for near in each.nearest
            ],
            "query": each.query,
        }
