"""A comparison for people: in a terminal, and as Markdown for a comment on a change."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.changes.compare import Change, Comparison, EntityChange, Move
from kg.changes.facts import Value
from kg.changes.impact import Answer, Impact, Total, short_row
from kg.changes.naming import Names
from kg.findings import Finding

SHOWN: Final = 3  # rows of an answer that are shown
LISTED: Final = 20  # pages and findings that are listed
_MARKS: Final = frozenset("\\`*_{}[]()!|~+-")
_ENTITIES: Final = {"@": "&#64;", "#": "&#35;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Block(NamedTuple):
    """A heading and what stands under it."""

    title: str
    lines: tuple[str, ...] = ()


def as_text(comparison: Comparison, names: Names, impact: Impact | None = None) -> str:
    """Return a comparison for a terminal."""
    parts = [
        "\n".join((_visible(block.title), *(f"  {_visible(line)}" for line in block.lines)))
        for block in _blocks(comparison, names, impact)
    ]
    return "\n\n".join((*parts, _visible(_summary(comparison))))


def as_markdown(comparison: Comparison, names: Names, impact: Impact | None = None) -> str:
    """Return a comparison as Markdown; nothing in it is a mention, a link or markup."""
    lines = [
        f"### Changes from {_escaped(comparison.old.title)} to {_escaped(comparison.new.title)}",
        "",
        _escaped(_summary(comparison)),
        "",
    ]
    for block in _blocks(comparison, names, impact):
        lines.append(f"- **{_escaped(block.title)}**")
        lines += [f"  - {_escaped(line)}" for line in block.lines]
    return "\n".join(lines).rstrip()


def _blocks(comparison: Comparison, names: Names, impact: Impact | None) -> Iterator[Block]:
    for title, broken in comparison.broken:
        yield Block(
            f"Cannot be read ({title}): {broken.name}:{broken.line}:{broken.column}: "
            f"{broken.reason}"
        )
    for entity in comparison.entities:
        yield _entity(entity, names)
    if comparison.formatted:
        yield Block("No data change, only layout or comments:", comparison.formatted)
    if impact is not None:
        yield from _impact(impact, names)


def _entity(entity: EntityChange, names: Names) -> Block:
    thing = names.thing(entity.entity)
    lines = [line for change in entity.changes for line in _change(change, names)]
    lines += list(_moves(entity.moves, names))
    match entity.status:
        case "new" | "removed":
            return Block(
                f"{entity.status.capitalize()} {names.kind(entity.entity)}: {thing}", tuple(lines)
            )
        case "renamed" if entity.was is not None:
            was = names.thing(entity.was).rpartition("(")[2].rstrip(")")
            number = entity.followers
            follow = f"; {_number(number, 'statement')} of others follow" if number else ""
            return Block(f"Renamed: {was} → {thing}{follow}", tuple(lines))
        case "moved":
            return Block(f"Moved: {thing}", tuple(lines))
        case "retired":
            return Block(f"Retired: {thing}", tuple(lines))
    return Block(thing, tuple(lines))


def _change(change: Change, names: Names) -> Iterator[str]:
    """Yield a line for each value; what took the place of another stands on one line with it."""
    name, origin = names.property(change.predicate), names.origin(change.file)
    kinds = sorted({_kind(value) for value in (*change.before, *change.after)})
    for kind in kinds:
        gone = [value for value in change.before if _kind(value) == kind]
        come = [value for value in change.after if _kind(value) == kind]
        if len(gone) == len(come) == 1:
            before, after = names.value(gone[0]), names.value(come[0])
            if before == after:
                before, after = str(gone[0]), str(come[0])
            yield f"{name}: {before} → {after}  [{origin}]"
            continue
        yield from (f"- {name}: {names.value(value)}  [{origin}]" for value in gone)
        yield from (f"+ {name}: {names.value(value)}  [{origin}]" for value in come)


def _kind(value: Value) -> str:
    return (value.language or "") if isinstance(value, ox.Literal) else ""


def _moves(moves: Sequence[Move], names: Names) -> Iterator[str]:
    ways = Counter((move.before, move.after) for move in moves)
    for (before, after), number in sorted(ways.items()):
        if number > 1:
            yield f"{_number(number, 'statement')} moved: {before} → {after}"
            continue
        fact = next(move.fact for move in moves if (move.before, move.after) == (before, after))
        said = f"{names.property(fact.predicate)}: {names.value(fact.object)}"
        yield f"moved: {said}  {before} → {after}"


def _impact(impact: Impact, names: Names) -> Iterator[Block]:
    if impact.unknown:
        yield Block(f"Pages, totals and answers cannot be told: {impact.unknown}")
    if impact.pages:
        shown = _listed([names.thing(page) for page in impact.pages])
        yield Block(f"Pages that change: {len(impact.pages)}", shown)
    for title, totals in (
        ("Totals that no longer agree:", impact.disagree),
        ("Totals that agree now:", impact.agree),
    ):
        if totals:
            yield Block(title, tuple(map(_total, totals)))
    for answer in impact.answers:
        yield _answer(answer)
    for title, findings in (("New findings", impact.appeared), ("Mended findings", impact.mended)):
        if findings:
            yield Block(f"{title}: {len(findings)}", _listed([_finding(f) for f in findings]))


def _total(total: Total) -> str:
    return f"{total.thing}, {total.counted}: {total.stated} stated, {total.listed} listed"


def _answer(answer: Answer) -> Block:
    if answer.fault:
        return Block(f"Answer cannot be given: {answer.name}", (answer.fault,))
    lines: list[str] = []
    for sign, rows in (("+", answer.added), ("-", answer.removed)):
        lines += [f"{sign} {short_row(row)}" for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            lines.append(f"{sign} … {len(rows) - SHOWN} more")
    return Block(
        f"Answer changes: {answer.name}, +{len(answer.added)} −{len(answer.removed)} rows "
        f"({answer.question})",
        tuple(lines),
    )


def _finding(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    return f"{place} {finding.code} {finding.message}"


def _listed(lines: list[str]) -> tuple[str, ...]:
    if len(lines) <= LISTED:
        return tuple(lines)
    return (*lines[:LISTED], f"… {len(lines) - LISTED} more")


def _summary(comparison: Comparison) -> str:
    counted = Counter(entity.status for entity in comparison.entities)
    parts = [
        f"{counted[status]} {status}"
        for status in ("new", "removed", "retired", "renamed", "moved", "changed")
        if counted[status]
    ]
    added, removed = comparison.graph_changes
    if not comparison.is_data_changed:
        told = f"no data change ({', '.join(parts)})" if parts else "no data change"
    else:
        told = f"{', '.join(parts) or 'nothing that can be told'}; "
        told += f"{_number(len(added), 'statement')} added, {len(removed)} removed"
    if comparison.broken:
        told += f"; {_number(len(comparison.broken), 'file')} cannot be read"
    return told


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _visible(text: str) -> str:
    r"""Return text with signs that a terminal would act on written as escapes."""
    return "".join(
        c
        if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs")
        else c.encode("unicode_escape").decode()
        for c in text
    )


def _escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is.

    >>> _escaped("*x* @lt")
    '\\*x\\* &#64;lt'
    """
    return "".join(_ENTITIES.get(c) or (f"\\{c}" if c in _MARKS else c) for c in _visible(text))
