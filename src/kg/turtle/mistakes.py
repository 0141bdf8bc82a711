"""What is wrong with what is no token of Turtle, or is glued to one."""

import re
from typing import Final

from kg.namespaces import PREFIXES
from kg.turtle.reader import AFTER, ITEM, NEXT_VERB, OBJECT, SUBJECT, UNKNOWN, VERB, Reader
from kg.turtle.reading import Edits
from kg.turtle.recovery import (
    FAR,
    before,
    end_of_line,
    end_statement,
    line,
    resume,
    short,
    stand_in,
    take_back,
)
from kg.turtle.tokens import INVISIBLE, Token

_IS_MARKER: Final = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?![<=>|])")
_IS_INVISIBLE: Final = re.compile(rf"[{INVISIBLE}]")
_IS_WIDE: Final = re.compile(r"[\x0B\x0C\x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]")
_TYPOGRAPHIC: Final = "“”„‟«»″‘’‚‛‹›′"
_CLOSES_TEXT: Final = re.compile(rf"[{_TYPOGRAPHIC}](?=@|\^\^|\s*[;,.)\]]|\s*$)")
_FOLLOWS_TEXT: Final = re.compile(r"@[A-Za-z]|\^\^|[ \t]*[;,.)\]]|[ \t]*(?:[\r\n]|$)")
_BAD_IN_IRI: Final = re.compile(
    r"""\\(?!u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})|[\x00-\x20"{}|^`]""",
)
_MARKUP: Final = re.compile(r"<(?:!|\?|/|(?:html|head|body|div|p|span|table|rdf:RDF|svg)\b)", re.I)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}$")
_QUERY: Final = ("select", "construct", "ask", "describe", "insert", "delete")
# A line on which a statement begins, at its first column
_BEGINNING: Final = re.compile(
    r"[\n\r](@(?:prefix|base)[ \t]|(?i:prefix|base)[ \t]++[^\s:<]{0,100}+[:<]"
    r"|(?:[^\s\"'<>:]{0,100}+:[^\s\"'<>]{0,300}+|<[^\s<>]{0,300}+>)"
    r"(?:[ \t]++|[ \t]*+[\r\n]++[ \t]++)"
    r"(?:a[ \t]|[^\s\"'<>:]{0,100}+:[^\s\"'<>]{1,300}+[ \t]|<[^\s<>]{0,300}+>))"
)
_MANY: Final = 20
_INSIDE: Final = ("error", "name", "number", "string", "blank")
_RDF_12: Final = ("<<", "<<(", ">>", ")>>", "{|", "|}", "~", "--ltr", "--rtl")


def conflict(reader: Reader, token: Token) -> bool:
    """Tell whether a token is a mark of a merge conflict; then go on after it.

    Of a conflict the side that stands first is read; the other one is left out.
    """
    if token.kind != "error" or not _IS_MARKER.match(token.text):
        return False
    marks, index = reader.marks, reader.index
    sign = token.text[0]
    if sign in "=|" and reader.conflict:
        while marks[index].kind != "end" and not marks[index].text.startswith(">" * 7):
            index += 1
    elif sign != ">" or not reader.conflict:
        reader.fault("SYN12", "mark", token.start, token.end, found=token.text[:7])
    reader.conflict = sign == "<"
    reader.index = index + (marks[index].kind != "end")
    return True


def swallowed(reader: Reader) -> bool:
    """Tell whether a long string without its end has taken the statements after it.

    Then go on with the first of them. Its end was found where the next long string begins, or
    nowhere. So as to read a text only so often, no more is read after many of them.
    """
    index, marks = reader.index, reader.marks
    token = marks[index]
    if not (token.kind == "error" and token.text.startswith(('"""', "'''"))):
        index -= 1
        token = marks[index]
        if index < 0 or token.kind != "long":
            return False
    begins = _BEGINNING.search(token.text)
    if begins is None and token.kind == "long":
        return False
    reader.fault("SYN04", "long", token.start, token.start + 3)
    reader.swallowed += 1
    if begins is None or reader.swallowed > _MANY:
        reader.index = index + 1 if token.kind == "error" else len(marks) - 1
        resume(reader, reader.index)
        return True
    take_back(reader, token.start)
    reader.split(index, token.start + begins.start(1))
    reader.index = index + 1
    reader.close(UNKNOWN, reader.subject_at, 0, reader.marks[index].end)
    reader.stack.clear()
    reader.state = SUBJECT
    return True


def stray_quote(reader: Reader, token: Token) -> bool:
    """Tell whether a string in the place of a verb is there by one quotation mark too many."""
    after = reader.marks[reader.index + 1]
    if token.kind != "string" or after.start != token.end or after.kind not in ("error", "name"):
        return False
    if after.text[0] in "@^":
        return False
    reader.fault("SYN04", "short", token.start, token.end)
    _after_line(reader, reader.index + 1)
    return True


# --- What is glued to a token


def glued(reader: Reader, token: Token) -> bool:
    """Tell whether a token is part of the one before it, by mistake; then go on after both."""
    index = reader.index
    if index == 0 or token.text in (";", ",", ".", "]", ")") or token.kind == "end":
        return False
    last = reader.marks[index - 1]
    if last.end != token.start or token.text[0] in _TYPOGRAPHIC:
        return False
    if token.kind == "error" and (token.text in _RDF_12 or _IS_INVISIBLE.match(token.text)):
        return False
    kind = last.kind
    if kind in ("name", "blank") and reader.state in (VERB, OBJECT, AFTER):
        return _glued_to_name(reader, token, last)
    if kind == "number" and token.kind not in ("string", "long"):
        return _glued_to_number(reader, token, last)
    if kind == "language" and token.text[0] in "\"'":
        reader.fault("SYN01", "unexpected", token.start, token.start + 1, found=token.text[0])
        reader.index = end_of_line(reader, index)
        return True
    if kind == "language" and token.kind in ("error", "name", "number", "language"):
        return _bad_tag(reader, last)
    is_suffix = token.text[0] in "@^"
    if kind in ("string", "long") and token.kind in _INSIDE and not is_suffix:
        return _quote_inside(reader, last)
    return False


def _skip_glued(reader: Reader, index: int) -> int:
    """Return the index after all that is glued to a token: up to white space or punctuation."""
    marks = reader.marks
    index = min(index + 1, len(marks) - 1)
    while marks[index].start == marks[index - 1].end and marks[index].kind != "end":
        follower = marks[index + 1]
        is_last = follower.start > marks[index].end or follower.kind == "end"
        if is_last and marks[index].text in (";", ",", ".", "]"):
            break
        index += 1
    return index


def _glued_to_name(reader: Reader, token: Token, last: Token) -> bool:
    index = reader.index
    if token.kind in ("language", "datatype"):
        no_text(reader, token)
        return True
    if token.kind in ("string", "long", "iri") or token.text[0] in "\"'<":
        return False
    after = _skip_glued(reader, index)
    end = reader.marks[after - 1].end
    name = reader.text[last.start : end]
    if last.kind == "blank":
        reader.fault("SYN16", "blank", token.start, token.end, found=short(name))
    elif token.text[0] == "%" or (token.text[0] == "\\"):
        reader.fault("SYN05", "name", token.start, end, found=short(reader.text[token.start : end]))
    else:
        sign = token.text[0]
        reader.fault("SYN16", "local", token.start, token.start + 1, found=short(name), sign=sign)
    reader.index = after
    return True


def sign_in_name(reader: Reader, token: Token, last: Token) -> None:
    """Note a sign inside a name that a name cannot have; go on after the name."""
    after = reader.marks[reader.index + 1]
    name = reader.text[last.start : after.end]
    reader.fault("SYN16", "local", token.start, token.end, found=short(name), sign=token.text)
    reader.index += 2


def _glued_to_number(reader: Reader, token: Token, last: Token) -> bool:
    if token.kind in ("language", "datatype"):
        no_text(reader, token)
        return True
    start = reader.index - 1
    while start > 0 and reader.marks[start - 1].end == reader.marks[start].start:
        if reader.marks[start - 1].kind != "number":
            break
        start -= 1
    first = reader.marks[start]
    after = _skip_glued(reader, reader.index)
    end = reader.marks[after - 1].end
    found = reader.text[first.start : end]
    if _DATE.match(found):
        edits = ((first.start, end, f'"{found}"^^xsd:date'),)
        reader.fault("SYN15", "date", first.start, end, edits, found=found)
    else:
        reader.fault("SYN15", "number", first.start, end, found=short(found))
    reader.index = after
    return True


def _bad_tag(reader: Reader, last: Token) -> bool:
    after = _skip_glued(reader, reader.index)
    end = reader.marks[after - 1].end
    found = reader.text[last.start : end]
    edits: Edits = ()
    if re.fullmatch(r"@[A-Za-z]+(?:[-_][A-Za-z0-9]+)*", found):
        edits = ((last.start, end, found.replace("_", "-")),)
    reader.fault("SYN14", "tag", last.start, end, edits, bool(edits), found=short(found))
    reader.index = after
    return True


def _quote_inside(reader: Reader, last: Token) -> bool:
    """Note a quotation mark inside a text, or a text whose end is missing.

    Where the line has one quotation mark too few, it is the end of the text that is missing.
    """
    index, marks = reader.index, reader.marks
    after = end_of_line(reader, index)
    is_open = any(mark.kind == "error" and mark.text[0] in "\"'" for mark in marks[index:after])
    if is_open and last.kind == "string":
        reader.fault("SYN04", "short", last.start, marks[after - 1].end)
    else:
        at = last.end - 1
        reader.fault("SYN24", "inner", at, at + 1, ((at, at + 1, "\\" + last.text[-1]),))
    reader.index = after
    return True


def no_text(reader: Reader, token: Token) -> None:
    """Note a language or datatype that does not follow a text, or a second one."""
    index, marks = reader.index, reader.marks
    last = marks[index - 1] if index else token
    end = token.end
    after = index + 1
    if token.kind == "datatype" and marks[after].kind in ("iri", "name"):
        end = marks[after].end
        after += 1
    found = short(reader.text[token.start : end])
    is_text = last.kind in ("string", "long")
    if token.kind == "datatype" and is_text and after == index + 1:
        reader.fault("SYN14", "datatype", token.start, end, found=found)
    elif last.kind == "language" or (index > 1 and marks[index - 2].kind == "datatype"):
        reader.fault("SYN14", "both", token.start, end, found=found)
    elif reader.state in (AFTER, ITEM) and last.kind in ("number", "name", "iri", "blank"):
        edits: Edits = ((last.start, last.end, f'"{last.text}"'),) if last.kind == "number" else ()
        value = short(last.text)
        reader.fault("SYN14", "not-text", last.start, end, edits, value=value, found=found)
    else:
        reader.fault("SYN14", "alone", token.start, end, found=found)
        if reader.state == OBJECT:
            reader.state = AFTER
    reader.index = after


# --- What is no token


def error(reader: Reader, token: Token) -> bool:
    """Tell whether a token is none of Turtle; then note what is wrong with it."""
    if token.kind == "name" and token.text.lower() in ("prefix", "base", "a"):
        return False
    if token.kind == "language" and reader.state == SUBJECT:
        _at_sign(reader, token)
        return True
    if token.kind != "error":
        return False
    if reader.index <= 1 and _other_format(reader, token):
        return True
    sign = token.text[0]
    if token.text in _RDF_12:
        _rdf_12(reader, token)
    elif sign in "\"'":
        _open_text(reader, token)
    elif sign in _TYPOGRAPHIC:
        _typographic(reader, token)
    elif sign == "<" and len(token.text) > 1:
        _bad_iri(reader, token)
    elif token.text.startswith(("http://", "https://", "ftp://")):
        _bare_iri(reader, token)
        stand_in(reader, reader.index + 1)
    elif token.text.startswith(("//", "/*")):
        at = token.start
        slashes: Edits = ((at, at + 2, "#"),) if token.text[1] == "/" else ()
        reader.fault("SYN26", "slashes", at, token.end, slashes, found=token.text[:2])
        reader.index += 1
    elif sign == "@":
        _at_sign(reader, token)
    elif token.text.startswith("_:"):
        reader.fault("SYN16", "blank", token.start, token.end, found=short(token.text))
        stand_in(reader, reader.index + 1)
    elif _IS_INVISIBLE.match(token.text):
        _invisible(reader, token)
    elif sign.isalpha() or sign == "_":
        _word(reader, token)
    elif sign in "{}":
        _brace(reader, token)
    else:
        other(reader, token)
    return True


def other(reader: Reader, token: Token) -> None:
    """Note a sign that has no meaning here."""
    text = token.text
    if text == "^" and reader.marks[reader.index - 1].kind in ("string", "long"):
        edits = ((token.start, token.end, "^^"),)
        reader.fault("SYN14", "caret", token.start, token.end, edits)
        reader.index += 2 if reader.marks[reader.index + 1].kind in ("iri", "name") else 1
        return
    follower = reader.marks[reader.index + 1]
    if token.kind == "language" and follower.text[:1] == ":" and follower.start == token.end:
        edits = ((token.start, token.start + 1, ""),)
        reader.fault("SYN01", "unexpected", token.start, token.start + 1, edits, found="@")
        name = token.text[1:] + follower.text
        reader.marks[reader.index + 1] = Token("name", name, token.start + 1)
        reader.index += 1
        return
    if reader.state != AFTER and follower.kind in ("name", "iri", "string", "long"):
        is_near = line(reader, reader.index) == line(reader, reader.index + 1)
        if is_near or reader.state in (VERB, NEXT_VERB):
            edits = ((token.start, token.end, ""),)
            reader.fault("SYN01", "unexpected", token.start, token.end, edits, found=short(text))
            reader.index += 1
            return
    after = _skip_glued(reader, reader.index)
    found = short(reader.text[token.start : reader.marks[after - 1].end])
    variant = "number" if re.match(r"[+\-.\d]", text) and re.search(r"\d", found) else ""
    end = reader.marks[after - 1].end
    if variant:
        reader.fault("SYN15", "number", token.start, end, found=found)
        stand_in(reader, after)
        return
    if "\\" in text or "%" in text:
        reader.fault("SYN05", "name", token.start, end, found=found)
    else:
        reader.fault("SYN01", "unexpected", token.start, end, found=found)
    if reader.state in (OBJECT, VERB, NEXT_VERB):
        stand_in(reader, after)
    else:
        go = end_of_line(reader, after) if reader.marks[after].kind != "end" else after
        if reader.state == AFTER and reader.marks[go].text in (";", ",", "."):
            reader.index = go
        else:
            resume(reader, max(after, reader.index + 1))


def _other_format(reader: Reader, token: Token) -> bool:
    """Tell whether the text is of another format; then end reading."""
    text = reader.text.lstrip()
    line_text = text.split("\n", 1)[0].strip()
    first = reader.marks[0]
    variant = ""
    if token.text == "{" and (text[0] == "[" or re.match(r'\{\s*(?:"|\}|$)', text)):
        variant = "json"
    elif _MARKUP.match(text):
        variant = "markup"
    elif token.text.lower() in _QUERY and reader.index == 0:
        variant = "query"
    elif text.startswith("```"):
        variant = "fence"
    elif re.fullmatch(r'"?[\w ]+"?(?:([,;\t])"?[\w ]*"?)(?:\1"?[\w ]*"?)*', line_text):
        variant = "table"
    if not variant:
        return False
    end = first.start + len(line_text)
    reader.fault("SYN22", variant, first.start, end, found=short(line_text))
    reader.state = SUBJECT
    reader.stack.clear()
    if variant == "fence":
        while (
            line(reader, reader.index) == line(reader, 0)
            and reader.marks[reader.index].kind != "end"
        ):
            reader.index += 1
        marks = reader.marks
        while len(marks) > 1 and marks[-2].text == "`" and marks[-2].start > end:
            del marks[-2]
    else:
        reader.index = len(reader.marks) - 1
    return True


def _rdf_12(reader: Reader, token: Token) -> None:
    """Note syntax of RDF 1.2 and go on after it."""
    index, marks = reader.index, reader.marks
    closing = {"<<": (">>", ")>>"), "<<(": (")>>", ">>"), "{|": ("|}",)}.get(token.text, ())
    after = index + 1
    if closing:
        while marks[after].kind != "end" and marks[after].text not in closing:
            if after - index > FAR:
                after = index
                break
            after += 1
        after += 1
    elif token.text == "~" and marks[after].kind in ("name", "iri", "blank"):
        after += 1
    after = min(after, len(marks) - 1)
    reader.fault("SYN17", "syntax", token.start, token.end, found=token.text)
    if token.text in ("<<", "<<(") and reader.state != AFTER:
        stand_in(reader, after)
    else:
        reader.index = after


def _open_text(reader: Reader, token: Token) -> None:
    """Note a text whose end is missing."""
    index, marks = reader.index, reader.marks
    quote = token.text[0]
    wrong = _CLOSES_TEXT.search(token.text, 1)
    if wrong is not None:
        at = token.start + wrong.start()
        straight = ((at, at + 1, quote),)
        reader.fault("SYN11", "closing", at, at + 1, straight, found=wrong[0])
        stand_in(reader, index + 1)
        return
    closing = reader.text.find(quote, token.start + 1, token.start + 2000)
    between = reader.text[token.start : closing] if closing > 0 else ""
    if (
        "\n" in between
        and _FOLLOWS_TEXT.match(reader.text, closing + 1)
        and between.rstrip()[-1] not in ";,.["
    ):
        edits = ((token.start, token.start + 1, quote * 3), (closing, closing + 1, quote * 3))
        reader.fault("SYN04", "lines", token.start, closing + 1, edits)
        while marks[index].kind != "end" and marks[index].start <= closing:
            index += 1
        stand_in(reader, index)
        return
    reader.fault("SYN04", "short", token.start, token.end)
    if reader.state in (SUBJECT, VERB, NEXT_VERB):
        _after_line(reader, index + 1)
    else:
        stand_in(reader, index + 1)


def _typographic(reader: Reader, token: Token) -> None:
    """Note typographic quotation marks in the place of straight ones."""
    edits: Edits = ((token.start, token.start + 1, '"'),)
    if len(token.text) > 1 and token.text[-1] in _TYPOGRAPHIC + "\"'":
        edits += ((token.end - 1, token.end, '"'),)
    reader.fault("SYN11", "quotes", token.start, token.end, edits, found=token.text[0])
    stand_in(reader, reader.index + 1)


def _bare_iri(reader: Reader, token: Token) -> None:
    """Note an IRI without its angle brackets."""
    edits = ((token.start, token.start, "<"), (token.end, token.end, ">"))
    reader.fault("SYN06", "bare", token.start, token.end, edits, found=short(token.text))


def _bad_iri(reader: Reader, token: Token) -> None:
    """Note what is wrong with an IRI."""
    text, start = token.text, token.start
    wrong = _BAD_IN_IRI.search(text)
    if _MARKUP.match(text) and (" " in text or text[1] in "!?/"):
        reader.fault("SYN22", "markup", start, token.end, found=short(text))
        resume(reader, reader.index + 1)
        return
    if len(text) < 2 or not text.endswith(">"):
        reader.fault("SYN06", "open", start, token.end, found=short(text))
    elif wrong is None:
        reader.fault("SYN06", "invalid", start, token.end, found=short(text))
    elif wrong[0] == "\\":
        at = start + wrong.start()
        reader.fault("SYN05", "iri", at, at + 2, found=text[wrong.start() : wrong.start() + 2])
    elif wrong[0].isspace():
        at = start + wrong.start()
        edits = ((at, at + 1, "%20"),)
        reader.fault("SYN06", "space", at, at + 1, edits, found=short(text))
    else:
        at = start + wrong.start()
        edits = ((at, at + 1, f"%{ord(wrong[0]):02X}"),)
        reader.fault("SYN06", "character", at, at + 1, edits, sign=wrong[0], found=short(text))
    stand_in(reader, reader.index + 1)


def _at_sign(reader: Reader, token: Token) -> None:
    """Note a directive or a language tag that is none."""
    index, marks = reader.index, reader.marks
    word = token.text[1:].lower()
    if reader.state != SUBJECT:
        end = token.end
        if len(token.text) == 1 and marks[index + 1].kind == "error":
            end = marks[index + 1].end
        found = short(reader.text[token.start : end])
        reader.fault("SYN14", "tag", token.start, end, found=found)
        after = _skip_glued(reader, index)
        while marks[after].start < end:
            after += 1
        reader.index = after
    elif word in ("prefix", "base"):
        edits = ((token.start, token.end, token.text.lower()),)
        parts = {"found": token.text, "expected": token.text.lower()}
        reader.fault("SYN21", "case", token.start, token.end, edits, True, **parts)
        marks[index] = Token("directive", token.text.lower(), token.start)
    elif word == "version":
        reader.fault("SYN17", "version", token.start, token.end, found=token.text)
        _skip_line(reader)
    else:
        reader.fault("SYN13", "unknown", token.start, token.end, found=short(token.text))
        _declare_from_line(reader)


def _declare_from_line(reader: Reader) -> None:
    """Declare the prefix that a directive that cannot be read seems to mean; go on after it."""
    index, marks = reader.index, reader.marks
    here, start = line(reader, index), marks[index].start
    reader.lost += 1
    while marks[index].kind != "end" and line(reader, index) == here:
        iri = marks[index]
        if iri.kind == "iri" and index:
            known = [name for name, value in PREFIXES.items() if value == iri.text[1:-1]]
            name = marks[index - 1]
            if known:
                name = Token("name", known[0] + ":", name.start)
            if name.kind == "name" and name.text.endswith(":"):
                reader.declare(name, iri, start, iri.end, False)
                reader.lost -= 1
            break
        index += 1
    _skip_line(reader)


def _skip_line(reader: Reader) -> None:
    """Go on at the first token of a later line, as at the beginning of a statement."""
    here = line(reader, reader.index)
    while reader.marks[reader.index].kind != "end" and line(reader, reader.index) == here:
        reader.index += 1
    reader.state = SUBJECT


def _invisible(reader: Reader, token: Token) -> None:
    """Note signs that cannot be seen."""
    index, marks = reader.index, reader.marks
    text = " " if _IS_WIDE.match(token.text) else ""
    edits = ((token.start, token.end, text),)
    signs = ", ".join(sorted({f"U+{ord(sign):04X}" for sign in token.text}))
    reader.fault("SYN25", "sign", token.start, token.end, edits, bool(text), signs=signs)
    index += 1
    is_inside = marks[index - 2].end == token.start if index > 1 else False
    if not text and is_inside and marks[index].start == token.end:
        index = _skip_glued(reader, index)
    reader.index = index


def _word(reader: Reader, token: Token) -> None:
    """Note a word without a prefix and without quotation marks."""
    index, marks, state = reader.index, reader.marks, reader.state
    text = token.text
    lower = text.lower()
    if lower in ("true", "false") or (lower == "a" and state in (VERB, NEXT_VERB)):
        edits = ((token.start, token.end, lower),)
        parts = {"found": text, "expected": lower}
        reader.fault("SYN21", "case", token.start, token.end, edits, True, **parts)
        marks[index] = Token("name", lower, token.start)
        return
    if state == SUBJECT and lower == "version" and marks[index + 1].kind in ("string", "long"):
        reader.fault("SYN17", "version", token.start, token.end, found=text)
        reader.index += 2
        return
    if state == SUBJECT and lower == "graph" and _is_graph_block(reader):
        reader.index += 1  # the brace is the mistake
        return
    follower = marks[index + 1]
    if text in reader.prefixes and follower.text[0:1] == ":" and follower.kind == "name":
        edits = ((token.end, follower.start, ""),)
        found = short(text + " " + follower.text)
        reader.fault("SYN16", "space", token.end, follower.start, edits, found=found)
        marks[index + 1] = Token("name", text + follower.text, token.start)
        reader.index += 1
        return
    if state == AFTER and marks[index - 1].text.endswith(":") and index:
        at = before(reader)
        edits = ((at, token.start, ""),)
        reader.fault(
            "SYN16", "space", at, token.start, edits, found=f"{marks[index - 1].text}{text}"
        )
        reader.index += 1
        return
    if state in (SUBJECT, VERB, NEXT_VERB) or (state == AFTER and marks[index + 1].text != "."):
        after = _skip_glued(reader, index)
        end = marks[after - 1].end
        reader.fault("SYN16", "word", token.start, end, found=short(reader.text[token.start : end]))
        if state == AFTER:
            _after_line(reader, after)
        else:
            stand_in(reader, after)
        return
    _bare_text(reader, token)


def _is_graph_block(reader: Reader) -> bool:
    """Tell whether a name and a brace follow, as in TriG."""
    name = reader.marks[reader.index + 1]
    if name.kind not in ("name", "iri"):
        return False
    brace = reader.marks[reader.index + 2]
    return brace.kind == "error" and brace.text == "{"


def _after_line(reader: Reader, index: int) -> None:
    """Go on at the punctuation that ends the line, or at the next statement."""
    here = line(reader, index - 1)
    after = end_of_line(reader, index) if line(reader, index) == here else index
    if reader.marks[after].text in (";", ",", "."):
        reader.index = after
    else:
        resume(reader, index)


def _bare_text(reader: Reader, token: Token) -> None:
    """Note text without quotation marks, up to the punctuation that ends it."""
    index, marks = reader.index, reader.marks
    last = end_of_line(reader, index)
    rest = [mark for mark in marks[index:last] if mark.kind == "error" and mark.text[0] == '"']
    if rest:
        _one_quote(reader, token, rest[0])
        reader.index = last
        if reader.state != ITEM:
            reader.state = AFTER
        return
    after = index
    while after < last and not (
        marks[after].text in (";", ",", ".", "]", ")") and marks[after + 1].start > marks[after].end
    ):
        after += 1
    end = marks[after - 1].end
    found = short(reader.text[token.start : end])
    edits = ((token.start, token.start, '"'), (end, end, '"'))
    reader.fault("SYN23", "text", token.start, end, edits, found=found)
    stand_in(reader, after)


def _one_quote(reader: Reader, token: Token, quote: Token) -> None:
    """Note that a text on a line has one quotation mark too many or too few before its end."""
    marks, index = reader.marks, reader.index
    text, comma = marks[index - 2], marks[index - 1]
    if index > 1 and text.kind == "string" and comma.text == "," and comma.start == text.end:
        at = text.end - 1
        reader.fault("SYN24", "inner", at, at + 1, ((at, at + 1, "\\" + text.text[-1]),))
    else:
        found = short(reader.text[token.start : quote.start])
        edits = ((token.start, token.start, '"'),)
        reader.fault("SYN04", "opening", token.start, quote.start + 1, edits, found=found)


def _brace(reader: Reader, token: Token) -> None:
    """Note a brace, as TriG and N3 have them, once for each pair."""
    if token.text == "{":
        reader.fault("SYN22", "graph", token.start, token.end)
        reader.braces += 1
    elif reader.braces:
        reader.braces -= 1
    else:
        reader.fault("SYN01", "unexpected", token.start, token.end, found="}")
    if reader.state == AFTER:
        end_statement(reader)
    reader.stack.clear()
    reader.state = SUBJECT
    reader.index += 1


# --- Directives


def directive(reader: Reader, token: Token) -> None:
    """Note what is wrong with a directive and go on after it."""
    index, marks = reader.index, reader.marks
    is_sparql = token.kind != "directive"
    at = index + 1
    name = marks[at]
    label: str | None = None
    if token.text.lower().endswith("prefix"):
        follower = marks[at + 1] if name.kind != "end" else name
        if name.kind == "name" and name.text.endswith(":") and name.text.count(":") == 1:
            label = name.text[:-1]
        elif name.kind == "error" and follower.kind == "iri" and name.text[0].isalpha():
            edits = ((name.end, name.end, ":"),)
            reader.fault("SYN13", "colon", name.end, name.end, edits, True, name=short(name.text))
            label = name.text
        elif name.kind == "iri":
            reader.fault("SYN13", "name", token.end, token.end)
            at -= 1
        else:
            _no_name(reader, token, name)
            return
        at += 1
    iri = marks[at]
    if iri.kind != "iri":
        if label is not None:
            reader.prefixes[label] = None
            reader.names.clear()
        _no_iri(reader, iri, marks[at - 1])
        return
    if not is_sparql and marks[at + 1].text != ".":
        reader.fault("SYN13", "dot", iri.end, iri.end, ((iri.end, iri.end, " ."),), True)
    last = iri if is_sparql or marks[at + 1].text != "." else marks[at + 1]
    if label is not None:
        reader.declare(name._replace(text=label + ":"), iri, token.start, last.end, is_sparql)
    elif token.text.lower().endswith("base"):
        reader.rebase(iri)
    reader.index = at + 1 + (last is not iri)


def _no_name(reader: Reader, token: Token, name: Token) -> None:
    found = short(name.text) or "the end of the file"
    if name.kind == "end" or line(reader, reader.index + 1) > line(reader, reader.index):
        reader.fault("SYN13", "name", token.end, token.end)
    else:
        reader.fault("SYN13", "label", name.start, name.end, found=found)
        if name.kind == "name":
            reader.prefixes[name.text.partition(":")[0]] = None
    _declare_from_line(reader)


def _no_iri(reader: Reader, iri: Token, last: Token) -> None:
    if iri.kind == "end" or iri.text == ".":
        reader.fault("SYN13", "iri", last.end, last.end, found=last.text)
    elif iri.kind == "error" and iri.text[0] == "<":
        _bad_iri(reader, iri)
    elif iri.kind == "error" and iri.text.startswith("http"):
        _bare_iri(reader, iri)
    else:
        reader.fault("SYN13", "iri", iri.start, iri.end, found=short(iri.text))
    _skip_line(reader)
