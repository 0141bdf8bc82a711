"""Where reading goes on after a mistake.

Each kind of mistake has its own way to go on, as near as can be: what is missing is taken as read,
what stands in the place of a term is taken for one. Where nothing like that is to be had, reading
goes on at the next place that looks like the beginning of a statement.
"""

import re
from typing import Final

from kg.turtle.reader import AFTER, ITEM, NEXT_VERB, OBJECT, SUBJECT, UNKNOWN, VERB, Reader
from kg.turtle.tokens import Token

FAR: Final = 64  # tokens that are looked at, at most, to tell one mistake from another
_KEYWORDS: Final = ("prefix", "base")


def resume(reader: Reader, index: int) -> None:
    """Go on at the next place from a token on that looks like the beginning of a statement."""
    marks = reader.marks
    if reader.state != SUBJECT:
        reader.close(UNKNOWN, reader.subject_at, 0, marks[max(index - 1, 0)].end)
    while marks[index].kind != "end":
        if column(reader, index) == 1 and is_beginning(reader, index):
            break
        if marks[index].text == "." and first_on_line(reader, index + 1):
            index += 1
            break
        index += 1
    reader.index = index
    reader.stack.clear()
    reader.state = SUBJECT
    reader.quiet = max(reader.quiet, index + 1)


def column(reader: Reader, index: int) -> int:
    """Return the column of a token."""
    return reader.lines.at(reader.marks[index].start)[1]


def line(reader: Reader, index: int) -> int:
    """Return the line of a token."""
    return reader.lines.at(reader.marks[index].start)[0]


def first_on_line(reader: Reader, index: int) -> bool:
    """Tell whether a token is the first of its line."""
    return index == 0 or line(reader, index) > reader.lines.at(reader.marks[index - 1].end)[0]


def is_directive(token: Token) -> bool:
    """Tell whether a directive begins at a token."""
    return token.kind == "directive" or (token.kind == "name" and token.text.lower() in _KEYWORDS)


def is_beginning(reader: Reader, index: int) -> bool:
    """Tell whether a statement may begin at a token: a directive, or a subject and its verb."""
    marks = reader.marks
    token = marks[index]
    if is_directive(token):
        return True
    if token.text == "[":
        return True
    if token.kind not in ("name", "iri", "blank") or token.text == "a":
        return False
    verb, then = marks[index + 1], marks[min(index + 2, len(marks) - 1)]
    return verb.kind in ("name", "iri") and then.kind != "end" and then.text not in ";,.])"


def stand_in(reader: Reader, index: int) -> None:
    """Go on at a token, as if what stands before it were what was expected."""
    state = reader.state
    marks = reader.marks
    if state == SUBJECT:
        reader.begun = reader.subject_at = marks[reader.index].start
        reader.subject, reader.state = UNKNOWN, VERB
    elif state in (VERB, NEXT_VERB):
        reader.verb, reader.state = UNKNOWN, OBJECT
    else:
        if marks[index].kind in ("language", "directive"):
            index += 1
        elif marks[index].kind == "datatype":
            index += 2 if marks[index + 1].kind in ("iri", "name") else 1
        reader.state = ITEM if state == ITEM else AFTER
    reader.index = min(index, len(marks) - 1)


def end_of_line(reader: Reader, index: int) -> int:
    """Return the index of the punctuation that ends a token's line, or of what follows the line."""
    marks = reader.marks
    here = line(reader, index)
    while marks[index].kind != "end" and line(reader, index) == here:
        index += 1
    return index - 1 if marks[index - 1].text in (";", ",", ".") else index


def before(reader: Reader) -> int:
    """Return the offset after the token before the current one."""
    return reader.marks[reader.index - 1].end if reader.index else 0


def take_back(reader: Reader, at: int) -> None:
    """Forget the last statement if its object stands at an offset."""
    statements = reader.found.statements
    if statements and statements[-1].object_at == at:
        statements.pop()


def reopen(reader: Reader, state: int, index: int) -> None:
    """Go on with the statement before, as if its dot were not there."""
    if reader.last is not None:
        reader.subject, reader.subject_at, reader.subject_end = reader.last
    if reader.found.blocks:
        reader.begun = reader.found.blocks.pop().start
    reader.state, reader.index = state, index


def end_statement(reader: Reader) -> None:
    """Take the statement as ended before the current token, with all its brackets."""
    if reader.stack:
        reader.subject, reader.subject_at, reader.subject_end = reader.stack[0].outer[:3]
    reader.stack.clear()
    reader.close(reader.subject, reader.subject_at, reader.subject_end, before(reader))
    reader.state = SUBJECT


def after_group(reader: Reader, index: int) -> int:
    """Return the index after a term, or after the bracket that closes one that opens here."""
    marks = reader.marks
    depth, first = 0, index
    while marks[index].kind != "end" and index - first < FAR:
        if marks[index].kind == "punctuation":
            depth += (marks[index].text in "[(") - (marks[index].text in "])")
        index += 1
        if depth <= 0:
            return index
    return first + 1


def after_literal(reader: Reader, index: int) -> int:
    """Return the index after a literal that begins at a token, with its language or datatype."""
    marks = reader.marks
    is_text = marks[index].kind in ("string", "long")
    index += 1
    if is_text and marks[index].kind == "language":
        return index + 1
    if is_text and marks[index].kind == "datatype" and marks[index + 1].kind in ("iri", "name"):
        return index + 2
    return index


def short(text: str) -> str:
    """Return the beginning of a token, on one line."""
    return re.sub(r"\s+", " ", text if len(text) <= 40 else text[:39] + "…")
