"""Changes of a query, and the places of a changed query in the one that it was made from."""

from collections.abc import Sequence

from kg.diagnosis.model import Edit


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with changes that do not overlap.

    >>> apply("SELECT * { ?s cpo:labl ?o }", [Edit(14, 22, "rdfs:label")])
    'SELECT * { ?s rdfs:label ?o }'
    """
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def original_place(start: int, end: int, edits: Sequence[Edit]) -> tuple[int, int]:
    """Return the place in the original text of a place in the changed one.

    What stands in a change, wholly or in part, is told as the whole of what was changed.
    """
    first, last = start, end
    shift = 0  # of what stands in the changed text, against the original
    for edit in sorted(edits):
        changed = edit.start + shift
        changed_end = changed + len(edit.text)
        shift += len(edit.text) - (edit.end - edit.start)
        if changed_end <= start:
            first = start - shift
        elif changed < start:
            first = edit.start
        if changed_end <= end:
            last = end - shift
        elif changed < end:
            last = edit.end
    return first, last
