"""A diagnosis as text for a terminal."""

from collections.abc import Callable, Iterator
from typing import Any

from kg.diagnosis.model import Diagnosis
from kg.languages import mark

_LEFT = mark("Rows left after each part:")
_NEAREST = mark("nearest: %(terms)s")
_WITH = mark("see also line %(line)s: %(text)s")
_MENDED = mark("This query has rows; compare it with what you mean:")
_WIDTH = 72


def as_text(found: Diagnosis, name: str, translate: Callable[[str], str] = str) -> str:
    """Return a diagnosis as lines of text.

    Args:
        found: The diagnosis.
        name: What the query is called: the name of its file.
        translate: Gives the template of a sentence in the language of the reader.
    """
    told = found.as_json(translate)
    blocks = [[told["summary"]]]
    blocks += [list(_finding(each, name, translate)) for each in told["findings"]]
    if told["steps"]:
        blocks.append([translate(_LEFT), *map(_step, told["steps"])])
    if told["query"] is not None:
        blocks.append([translate(_MENDED), "", told["query"].rstrip()])
    if told["unknown"]:
        blocks.append(told["unknown"])
    return "\n\n".join("\n".join(block) for block in blocks)


def _finding(each: dict[str, Any], name: str, translate: Callable[[str], str]) -> Iterator[str]:
    yield f"{name}:{each['line']}:{each['column']}: {each['code']}: {each['message']}"
    for other in each["related"]:
        yield f"  {translate(_WITH) % {'line': other['line'], 'text': _short(other['text'])}}"
    if each["nearest"]:
        terms = ", ".join(
            f"{near['term']} ({near['label']})" if near["label"] else near["term"]
            for near in each["nearest"]
        )
        yield f"  {translate(_NEAREST) % {'terms': terms}}"
    yield f"  {each['remedy']}"


def _step(step: dict[str, Any]) -> str:
    number = "" if step["rows"] is None else f"{step['rows']}{'+' if step['at_least'] else ''}"
    return f"{number:>6}  {_short(step['text'])}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
