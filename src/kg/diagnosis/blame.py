"""Which part of a group leaves nothing, and the fewest parts that leave nothing together.

The parts are joined in the order of the text, those that restrict rows (FILTER) last, as SPARQL 1.1
Query has it (section 18.2.2.2). Joining more never brings solutions back, so the first part after
which there are none is well-defined; the others are then left out one by one, as long as there are
still none. What shares no variable with the failing part, not even by way of others, has nothing to
do with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kg.diagnosis.model import Step
from kg.diagnosis.probing import View, Wrap
from kg.diagnosis.tree import Element, Restriction


@dataclass(frozen=True)
class Blame:
    """What is to blame in a group without solutions.

    Attributes:
        steps: All parts, with what is left after each.
        joined: The parts but the conditions.
        needed: The fewest of them that have no solution together, the failing one last; empty
            where all of them together have one.
        lonely: Other parts that have no solution even by themselves.
        conditions: The conditions that leave nothing, each by itself or the fewest together.
    """

    steps: tuple[Step, ...]
    joined: tuple[Element, ...]
    needed: tuple[Element, ...] = ()
    lonely: tuple[Element, ...] = ()
    conditions: tuple[Restriction, ...] = ()
    is_together: bool = False


def blame(view: View, elements: Sequence[Element], wrap: Wrap) -> Blame:
    """Return what is to blame where some parts of a group have no solution.

    Args:
        view: Asks.
        elements: All parts of the group.
        wrap: What stands around it.
    """
    joined = [each for each in elements if not isinstance(each, Restriction)]
    conditions = [each for each in elements if isinstance(each, Restriction)]
    steps: list[Step] = []
    for at, element in enumerate(joined):
        rows, is_more = view.rows(joined[: at + 1], wrap)
        steps.append(_step(element, rows, is_more))
        if rows == 0:
            steps += [_step(each) for each in (*joined[at + 1 :], *conditions)]
            needed = fewest(view, joined[:at], element, wrap)
            lonely = [each for each in joined[at + 1 :] if _is_lonely(view, each, wrap)]
            return Blame(tuple(steps), tuple(joined), tuple(needed), tuple(lonely))
    return _of_conditions(view, joined, conditions, steps, wrap)


def _of_conditions(
    view: View,
    joined: list[Element],
    conditions: list[Restriction],
    steps: list[Step],
    wrap: Wrap,
) -> Blame:
    failed = False
    for at, condition in enumerate(conditions):
        rows = (None, False) if failed else view.rows([*joined, *conditions[: at + 1]], wrap)
        steps.append(_step(condition, *rows))
        failed = failed or rows[0] == 0
    alone = [each for each in conditions if not view.any([*joined, each], wrap)]
    if alone or not failed:
        return Blame(tuple(steps), tuple(joined), conditions=tuple(alone))
    kept = list(conditions)
    for each in conditions:
        fewer = [other for other in kept if other is not each]
        if not view.any([*joined, *fewer], wrap):
            kept = fewer
    return Blame(tuple(steps), tuple(joined), conditions=tuple(kept), is_together=True)


def fewest(view: View, before: Sequence[Element], last: Element, wrap: Wrap) -> list[Element]:
    """Return the fewest parts that have no solution together with the last one.

    Args:
        view: Asks.
        before: Parts that have a solution together.
        last: The part after which there is none.
        wrap: What stands around them.
    """
    kept = _linked([*before, last], last)
    for each in list(kept[:-1]):
        if each in kept:
            fewer = _linked([other for other in kept if other is not each], last)
            if not view.any(fewer, wrap):
                kept = fewer
    return kept


def _linked(elements: Sequence[Element], last: Element) -> list[Element]:
    """Return the parts that share variables with the last one, by way of others too."""
    named, found = set(last.variables), {id(last)}
    while True:
        more = [each for each in elements if id(each) not in found and each.variables & named]
        if not more:
            return [each for each in elements if id(each) in found]
        for each in more:
            found.add(id(each))
            named |= each.variables


def _is_lonely(view: View, element: Element, wrap: Wrap) -> bool:
    """Tell whether a part has no solution by itself."""
    if element.kind in ("bind", "optional", "minus"):
        return False
    return not view.any([element], wrap)


def _step(element: Element, rows: int | None = None, is_more: bool = False) -> Step:
    return Step(element.kind, element.start, element.end, rows, is_more, rows == 0)
