"""What is wrong where a token does not fit.

One mistake is one fault, at the place where it has to be mended: what is missing, after the token
before it; a bracket that is not closed, where it opens. A token that does not fit right where
reading went on after a mistake is no new fault.
"""

from typing import Final

from kg.turtle import mistakes
from kg.turtle.reader import AFTER, ITEM, NEXT_VERB, OBJECT, SUBJECT, UNKNOWN, VERB, Reader
from kg.turtle.reading import Reading
from kg.turtle.recovery import (
    FAR,
    after_group,
    after_literal,
    before,
    column,
    end_statement,
    first_on_line,
    is_beginning,
    is_directive,
    line,
    reopen,
    resume,
    short,
    stand_in,
    take_back,
)
from kg.turtle.strict import MAX_DEPTH
from kg.turtle.tokens import Token

_IN_OPEN_BRACKET: Final = {
    ("SYN03", "comma"),
    ("SYN13", "dot"),
    ("SYN16", "word"),
    ("SYN19", "list"),
    ("SYN19", "object"),
    ("SYN19", "verb"),
}
_TERMS: Final = ("name", "iri", "string", "long", "number", "blank", "error")


def read(text: str, blanks: str = "b") -> Reading:
    """Read a text as far as it can be read; every mistake in it is a fault of the reading.

    Args:
        text: The whole file.
        blanks: What the labels of its blank nodes begin with, to tell two files apart.
    """
    reader = Reader(text, blanks)
    while reader.step():
        mend(reader)
    reader.found.tokens = tuple(reader.tokens)
    reader.found.faults.sort(key=lambda fault: (fault.start, fault.end, fault.code))
    return reader.found


def mend(reader: Reader) -> None:
    """Note the mistake at the current token and set the reader to where it goes on."""
    index = reader.index
    token = reader.marks[index]
    if mistakes.conflict(reader, token) or mistakes.swallowed(reader):
        return
    if index < reader.quiet:
        resume(reader, index + (reader.state == SUBJECT))
        return
    if token.kind == "end":
        _at_end(reader)
    elif token.text in "[(" and len(reader.stack) >= MAX_DEPTH:
        reader.fault("SYN18", "brackets", token.start, token.end, limit=str(MAX_DEPTH))
        resume(reader, index)
    elif mistakes.glued(reader, token) or mistakes.error(reader, token):
        pass
    else:
        _STATES[reader.state](reader, token)
    reader.quiet = reader.index + 1


# --- The end of the text


def _at_end(reader: Reader) -> None:
    at = before(reader)
    if reader.state == AFTER and not reader.stack:
        reader.fault("SYN02", "end", at, at, ((at, at, " ."),), True)
    else:
        reader.fault("SYN08", "statement", at, at)
    end_statement(reader)


# --- Where a subject is expected


def _subject(reader: Reader, token: Token) -> None:
    index, marks = reader.index, reader.marks
    text = token.text
    follows_dot = index > 0 and marks[index - 1].text == "." and reader.last is not None
    if is_directive(token):
        mistakes.directive(reader, token)
    elif text == ".":
        _stray_dot(reader, token)
    elif text in (";", ",") and (not follows_dot or is_beginning(reader, index + 1)):
        _stray(reader, token)
    elif text in (";", ","):
        _dot_too_early(reader, text)
        reopen(reader, NEXT_VERB if text == ";" else OBJECT, index + 1)
    elif text == "a" and follows_dot:
        _dot_too_early(reader, ";")
        reopen(reader, NEXT_VERB, index)
    elif _is_literal(token) and follows_dot and _is_last(reader, after_literal(reader, index)):
        _dot_too_early(reader, ",")
        reopen(reader, OBJECT, index)
    elif text == "a":
        reader.fault("SYN20", "subject", token.start, token.end)
        stand_in(reader, index + 1)
    elif text in ("]", ")"):
        _closing(reader, token)
    elif _is_literal(token):
        reader.fault("SYN09", "subject", token.start, token.end, found=short(text))
        stand_in(reader, after_literal(reader, index))
    else:
        mistakes.other(reader, token)


def _is_last(reader: Reader, index: int) -> bool:
    """Tell whether a value ends before a token, so that no property follows it."""
    return reader.marks[index].kind == "end" or reader.marks[index].text in (".", ";", ",")


def _is_literal(token: Token) -> bool:
    return token.kind in ("string", "long", "number") or token.text in ("true", "false")


def _stray_dot(reader: Reader, token: Token) -> None:
    index, marks = reader.index, reader.marks
    words = [mark.text.lower() for mark in marks[max(index - 3, 0) : index]]
    sparql = marks[index - 1].kind == "iri" and ("prefix" in words[:1] or "base" in words[1:2])
    edits = ((token.start, token.end, ""),)
    if sparql:
        reader.fault("SYN13", "sparql", token.start, token.end, edits, True)
        reader.index += 1
    else:
        _stray(reader, token)


def _stray(reader: Reader, token: Token) -> None:
    edits = ((token.start, token.end, ""),)
    is_safe = token.text == "."
    reader.fault("SYN19", "stray", token.start, token.end, edits, is_safe, found=token.text)
    reader.index += 1


def _dot_too_early(reader: Reader, expected: str) -> None:
    """Note that the dot before the current token should be something else."""
    dot = next(mark for mark in reversed(reader.marks[: reader.index][-FAR:]) if mark.text == ".")
    # A `;` or `,` that stands right after the dot is what was meant: only the dot has to go.
    has_it = reader.marks[reader.index].text == expected
    edit = (dot.start, dot.end, "" if has_it else expected)
    reader.fault("SYN19", "early", dot.start, dot.end, (edit,), expected=expected)


def _closing(reader: Reader, token: Token) -> None:
    edits = ((token.start, token.end, ""),)
    reader.fault("SYN07", "closing", token.start, token.end, edits, bracket=token.text)
    reader.index += 1


# --- Where a verb is expected


def _verb(reader: Reader, token: Token) -> None:
    index, marks = reader.index, reader.marks
    text = token.text
    is_literal = _is_literal(token)
    if is_literal and mistakes.stray_quote(reader, token):
        return
    if is_literal and reader.state == NEXT_VERB and marks[index - 1].text == ";":
        _semicolon_for_comma(reader)
    elif is_literal and _continues_statement(reader, index - 1):
        _reread(reader, index - 1)
    elif is_literal:
        reader.fault("SYN09", "predicate", token.start, token.end, found=short(text))
        stand_in(reader, after_literal(reader, index))
    elif token.kind == "blank" or text in ("[", "("):
        after = after_group(reader, index)
        if token.kind == "punctuation" and after == index + 1:  # it is not closed
            closes = "]" if text == "[" else ")"
            reader.fault("SYN07", "open", token.start, token.end, bracket=text, expected=closes)
            reader.index = after
        else:
            reader.fault("SYN10", "blank", token.start, token.end, found=short(text))
            stand_in(reader, after)
    elif is_directive(token):
        _unfinished(reader, token)
    elif text in (")", "]"):
        _mismatch(reader, token)
    elif text == "." and reader.stack:
        _dot_in_brackets(reader, token)
    elif text == ".":
        at = before(reader)
        reader.fault("SYN19", "alone", at, at)
        reader.index += 1
        reader.state = SUBJECT
        reader.close(reader.subject, reader.subject_at, reader.subject_end, token.end)
    elif text in (";", ","):
        edits = ((token.start, token.end, ""),)
        reader.fault("SYN19", "verb", token.start, token.end, edits, found=text)
        reader.index += 1
    else:
        mistakes.other(reader, token)


def _semicolon_for_comma(reader: Reader) -> None:
    sign = reader.marks[reader.index - 1]
    reader.fault("SYN03", "not-semicolon", sign.start, sign.end, ((sign.start, sign.end, ","),))
    reader.state = OBJECT


def _continues_statement(reader: Reader, index: int) -> bool:
    """Tell whether a token that was read as a subject seems to go on with the statement before."""
    if index < 1 or reader.stack or reader.last is None or not reader.found.blocks:
        return False
    dot = reader.marks[index - 1]
    is_deeper = column(reader, index) > reader.lines.at(reader.found.blocks[-1].start)[1]
    return dot.text == "." and first_on_line(reader, index) and is_deeper


def _reread(reader: Reader, index: int) -> None:
    """Go on at a token that was read as a subject, as a verb of the statement before."""
    reader.index = index
    _dot_too_early(reader, ";")
    reopen(reader, NEXT_VERB, index)


def _unfinished(reader: Reader, token: Token) -> None:
    """Note that a statement is not finished where the next one begins."""
    last = reader.marks[reader.index - 1]
    if reader.state == NEXT_VERB and last.text == ";" and not reader.stack:
        reader.fault("SYN02", "semicolon", last.start, last.end, ((last.start, last.end, "."),))
    elif reader.stack:
        _open(reader)
        return
    else:
        reader.fault("SYN19", "object" if reader.state == OBJECT else "alone", last.end, last.end)
    end_statement(reader)


def _mismatch(reader: Reader, token: Token) -> None:
    """Note a closing bracket that does not fit; take it for the one that does."""
    if not reader.stack:
        _closing(reader, token)
        return
    frame = reader.stack[-1]
    closes = "]" if frame.bracket == "[" else ")"
    if token.text == closes:  # the right bracket, but something is missing before it
        _missing_object(reader)
        return
    edits = ((token.start, token.end, closes),)
    reader.fault(
        "SYN07", "mismatch", token.start, token.end, edits, bracket=token.text, expected=closes
    )
    reader.marks[reader.index] = Token("punctuation", closes, token.start)
    if reader.state == VERB:
        reader.state = NEXT_VERB


def _open(reader: Reader) -> None:
    """Note that a bracket is not closed before the current token, which begins something else.

    What did not fit in the bracket was then no mistake.
    """
    frame = reader.stack[-1]
    faults = reader.found.faults
    since = reader.marks[frame.place - 1].end if frame.place else 0
    later = []
    while faults and faults[-1].start >= since:
        fault = faults.pop()
        if (fault.code, fault.variant) not in _IN_OPEN_BRACKET:
            later.append(fault)
    faults += reversed(later)
    closes = "]" if frame.bracket == "[" else ")"
    reader.fault("SYN07", "open", frame.at, frame.at + 1, bracket=frame.bracket, expected=closes)
    end_statement(reader)


def _dot_in_brackets(reader: Reader, token: Token) -> None:
    """Note a dot in brackets: in place of `;`, or because a bracket is not closed."""
    marks, index = reader.marks, reader.index + 1
    depth = len(reader.stack)
    closes = False
    while marks[index].kind != "end" and index - reader.index < FAR and marks[index].text != ".":
        if marks[index].kind == "punctuation":
            depth += (marks[index].text in "[(") - (marks[index].text in "])")
        if depth < len(reader.stack):
            closes = True
            break
        if column(reader, index) == 1 and is_beginning(reader, index):
            break
        index += 1
    if closes and reader.stack[-1].bracket == "[":
        edits = ((token.start, token.end, ";"),)
        reader.fault("SYN19", "early", token.start, token.end, edits, expected=";")
        reader.state = NEXT_VERB
    else:
        _open(reader)
    reader.index += 1


# --- Where an object is expected


def _object(reader: Reader, token: Token) -> None:
    text = token.text
    if text == "a" and _began_anew(reader):
        return
    if text == "a":
        reader.fault("SYN20", "object", token.start, token.end)
        stand_in(reader, reader.index + 1)
    elif is_directive(token):
        _unfinished(reader, token)
    elif token.kind in ("language", "datatype"):
        mistakes.no_text(reader, token)
    elif text in (")", "]"):
        _mismatch(reader, token)
    else:
        _missing_object(reader)


def _missing_object(reader: Reader) -> None:
    """Note that an object is missing before the punctuation at the current token."""
    index, marks = reader.index, reader.marks
    last = marks[index - 1]
    if marks[index].text == "." and _is_literal(marks[index + 1]):
        _stray_dot(reader, marks[index])
        return
    sign, after = marks[index], marks[min(index + 1, len(marks) - 1)]
    is_glued = last.end == sign.start and sign.end == after.start
    if is_glued and last.kind == "name" and after.kind == "error":
        mistakes.sign_in_name(reader, sign, last)
        return
    if reader.verb is UNKNOWN:  # what is wrong has been said of the verb
        reader.state = AFTER
        return
    if reader.state == OBJECT and last.text == "," and marks[index].text == ",":
        last = marks[index]
        reader.fault("SYN19", "comma", last.start, last.end, ((last.start, last.end, ""),))
        reader.index += 1
        return
    if reader.state == OBJECT and last.text == ",":
        reader.fault("SYN19", "comma", last.start, last.end, ((last.start, last.end, ""),))
    elif reader.state == OBJECT and _is_verb_of_bare_subject(reader, index - 1):
        _reread(reader, index - 2)
        return
    else:
        reader.fault("SYN19", "object", last.end, last.end)
    reader.state = AFTER


def _is_verb_of_bare_subject(reader: Reader, index: int) -> bool:
    """Tell whether a subject and its verb, without an object, seem to be verb and object."""
    return (
        index > 0
        and reader.marks[index - 1].start == reader.subject_at
        and _continues_statement(reader, index - 1)
    )


def _began_anew(reader: Reader) -> bool:
    """Tell whether the verb is the subject of the next statement; then note the missing dot.

    So it is when the verb begins a line, no deeper than the subject, after a `;`.
    """
    index = reader.index
    while index > 0 and reader.marks[index].start > reader.verb_at and reader.index - index < FAR:
        index -= 1
    if reader.marks[index].start != reader.verb_at or index == 0 or reader.stack:
        return False
    sign = reader.marks[index - 1]
    deeper = column(reader, index) > reader.lines.at(reader.begun)[1]
    if sign.text != ";" or deeper or not first_on_line(reader, index):
        return False
    if not is_beginning(reader, index):
        return False
    statements = reader.found.statements
    while statements and statements[-1].predicate_at == reader.verb_at:
        statements.pop()
    reader.index = index
    reader.fault("SYN02", "semicolon", sign.start, sign.end, ((sign.start, sign.end, "."),))
    end_statement(reader)
    return True


def _item(reader: Reader, token: Token) -> None:
    if token.text in (",", ";"):
        edits = ((token.start, token.end, ""),)
        reader.fault("SYN19", "list", token.start, token.end, edits, True, found=token.text)
        reader.index += 1
    elif token.text == "." or is_directive(token):
        _open(reader)
        reader.index += token.text == "."
    elif token.text == "]":
        _mismatch(reader, token)
    elif token.text == "a":
        reader.fault("SYN20", "object", token.start, token.end)
        reader.index += 1
    elif token.kind in ("language", "datatype"):
        mistakes.no_text(reader, token)
    else:
        mistakes.other(reader, token)


# --- After an object


def _after(reader: Reader, token: Token) -> None:
    if token.text == ".":
        _dot_in_brackets(reader, token)
    elif token.text in ("]", ")"):
        _mismatch(reader, token)
    elif token.kind in ("language", "datatype"):
        mistakes.no_text(reader, token)
    elif is_directive(token):
        if reader.stack:
            _open(reader)
        else:
            _missing_dot(reader)
    elif token.kind in _TERMS or token.text in ("[", "("):
        _missing(reader, token)
    else:
        mistakes.other(reader, token)


def _missing_dot(reader: Reader) -> None:
    at = before(reader)
    is_sure = first_on_line(reader, reader.index)
    reader.fault("SYN02", "dot", at, at, ((at, at, " ."),), is_sure)
    end_statement(reader)


def _missing(reader: Reader, token: Token) -> None:
    """Note the punctuation that is missing before a term: a dot, a semicolon or a comma."""
    if token.text == ":":
        mistakes.other(reader, token)
        return
    if _began_anew(reader):
        return
    index = reader.index
    count, closed = _terms_of_line(reader, index)
    is_literal = _is_literal(token)
    can_be_verb = token.kind in ("name", "iri") and not is_literal
    begins = first_on_line(reader, index)
    deeper = begins and column(reader, index) > reader.lines.at(reader.begun)[1]
    starts_statement = count >= 3 and count % 2 == 1 and not deeper and token.text != "a"
    starts_statement |= begins and not deeper and not closed and token.text != "a"
    if starts_statement and not is_literal:
        if reader.stack:
            _open(reader)
        else:
            _missing_dot(reader)
        return
    at = before(reader)
    if can_be_verb and (token.text == "a" or count != 1):
        reader.fault("SYN03", "semicolon", at, at, ((at, at, " ;"),))
        reader.state = NEXT_VERB
    elif count == 1 and _comma_for_semicolon(reader, token, is_literal):
        pass
    else:
        reader.fault("SYN03", "comma", at, at, ((at, at, " ,"),))
        reader.state = OBJECT


def _terms_of_line(reader: Reader, index: int) -> tuple[int, bool]:
    """Count the terms from a token to the end of its line or the first punctuation.

    Returns:
        How many, and whether punctuation ends them.
    """
    marks, here, first = reader.marks, line(reader, index), index
    count = 0
    while index - first < FAR:
        token = marks[index]
        if token.kind == "end" or line(reader, index) != here:
            return count, False
        if token.text in (";", ",", ".", "]", ")"):
            return count, True
        count += 1
        index = after_literal(reader, after_group(reader, index) - 1)
    return count, False


def _comma_for_semicolon(reader: Reader, token: Token, is_literal: bool) -> bool:
    """Tell whether the object before the current token is a verb; then note what is wrong.

    So it is in `ex:o , ex:verb "text"`, and where a verb stands without its object on the line
    before.
    """
    index, marks = reader.index, reader.marks
    verb = marks[index - 1]
    if verb.kind not in ("name", "iri") or line(reader, index - 1) != line(reader, index):
        return False
    sign = marks[index - 2]
    begins = first_on_line(reader, index - 1)
    if sign.text == "," and (is_literal or begins):
        edits = ((sign.start, sign.end, ";"),)
        reader.fault("SYN03", "not-comma", sign.start, sign.end, edits)
    elif sign.start == reader.verb_at and begins:
        reader.fault("SYN19", "object", sign.end, sign.end)
    else:
        return False
    take_back(reader, verb.start)
    known = reader.named(verb)
    reader.verb = UNKNOWN if known is None else known
    reader.verb_at, reader.verb_end = verb.start, verb.end
    reader.state = OBJECT
    return True


_STATES: Final = {
    SUBJECT: _subject,
    VERB: _verb,
    NEXT_VERB: _verb,
    OBJECT: _object,
    ITEM: _item,
    AFTER: _after,
}
