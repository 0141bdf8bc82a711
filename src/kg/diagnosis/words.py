"""The sentences of the doctor: for each code what is wrong and what to do, in English.

`mark` marks a sentence for translation. What is put into one is a term, a name or a number, never
a piece of a sentence.
"""

from typing import Final

from kg.diagnosis.model import Edit, Finding, Message, Near
from kg.languages import mark

_CHOOSE: Final = mark("Take the nearest one, if it is what you mean.")
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "unknown-term": (mark("%(term)s is not in the data."), _CHOOSE),
    "unknown-property": (mark("No statement has the property %(term)s."), _CHOOSE),
    "unused-property": (
        mark("%(term)s is described here, but no statement has it as its property."),
        mark("Take a property that is in use."),
    ),
    "unknown-class": (mark("Nothing in the data is a %(term)s."), _CHOOSE),
    "retired-term": (
        mark("%(term)s is retired: it stands for nothing any more."),
        mark("Take what took its place."),
    ),
    "scheme-twin": (
        mark("%(term)s is not here, but %(other)s is: the IRIs differ in http, https or the end."),
        mark("Write the IRI as the data has it."),
    ),
    "wrong-language": (
        mark("%(term)s is in the data with another language tag: %(other)s."),
        mark("Take the tag that the data has, or compare the text alone by STR()."),
    ),
    "wrong-tag": (
        mark("No value here has the language tag %(term)s; there is %(other)s."),
        mark("Take a tag that the values have."),
    ),
    "wrong-datatype": (
        mark("%(term)s is in the data with another datatype: %(other)s."),
        mark("Give the literal the datatype that the data has."),
    ),
    "text-for-thing": (
        mark("%(term)s is a text; the values here are things, such as %(other)s."),
        mark("Take the IRI of the thing, or ask for it by its label."),
    ),
    "thing-for-text": (
        mark("%(term)s is a thing; the values here are texts, such as %(other)s."),
        mark("Write the text, with its language tag or datatype."),
    ),
    "other-value": (
        mark("%(term)s is not among the values here; the nearest one is %(other)s."),
        _CHOOSE,
    ),
    "reversed": (
        mark("%(term)s goes the other way: what is asked for as its value is its subject."),
        mark("Change subject and object, or write ^ before the property."),
    ),
    "property-not-of-class": (
        mark("Nothing of the class %(kind)s has the property %(term)s."),
        mark("Take a property that things of this class have, or another class."),
    ),
    "not-value-of-property": (
        mark("Nothing of the class %(kind)s is a value of the property %(term)s."),
        mark("Take another property, or another class."),
    ),
    "absent-graph": (mark("There is no named graph %(term)s."), _CHOOSE),
    "other-graph": (
        mark("This is not in the graph that is asked, but it is in the named graph %(other)s."),
        mark("Put the pattern into GRAPH %(other)s { … }, or into GRAPH ?g { … }."),
    ),
    "no-match": (
        mark("Each term is in the data, but no statement is like this one."),
        mark("With another term in this place there are statements; see the nearest ones."),
    ),
    "no-join": (
        mark("Each of these parts matches something, but they never match together."),
        mark("Change one of them, or leave it out; %(names)s has to be the same in all of them."),
    ),
    "no-common-value": (
        mark("?%(name)s is %(term)s in one part and %(other)s in another: never the same."),
        mark("Compare the values by STR(), or make both parts ask for the same form."),
    ),
    "filter-removes-all": (
        mark("This condition holds for no row."),
        mark("Compare it with the values that there are."),
    ),
    "filter-error": (
        mark("This condition cannot be computed for any row: an error removes a row."),
        mark("Look at the values that there are; convert them by STR() or a datatype, if need be."),
    ),
    "filters-together": (
        mark("Each of these conditions holds for some rows, but never all for one."),
        mark("Leave one of them out."),
    ),
    "unbound-variable": (
        mark("?%(name)s has no value here, so the condition can never hold."),
        mark("Use a variable that a pattern of the same group binds."),
    ),
    "minus-removes-all": (
        mark("MINUS takes all rows away."),
        mark("Make its pattern narrower; it should share a variable that tells the rows apart."),
    ),
    "values-match-nothing": (
        mark("VALUES lists nothing."),
        mark("List at least one row, or leave it out."),
    ),
    "past-the-end": (
        mark("OFFSET %(offset)s is past the end: there are %(total)s rows."),
        mark("Take a smaller OFFSET."),
    ),
    "limit-zero": (mark("LIMIT 0 leaves no row."), mark("Take a larger LIMIT, or none.")),
    "having-removes-all": (
        mark("There are groups, but HAVING holds for none of them."),
        mark("Show what HAVING tests as a column, and look at its values."),
    ),
    "empty-template": (
        mark("The pattern matches, but the template makes no statement of it."),
        mark("A variable of the template has no value, or a literal stands as a subject."),
    ),
}
UNREAD: Final = mark("The query has a form that is not taken apart here, so its parts are unknown.")
UNEXPLAINED: Final = mark("The part that leaves nothing is known, but not why.")
CUT_LABELS: Final = mark("The data is so large that not all labels were compared.")
ANSWERED: Final = mark("The answer is not empty.")
NOTHING_COUNTED: Final = mark("The answer is a total over nothing: the pattern matches nothing.")
EMPTY: Final = mark("The answer is empty.")
EMPTY_UNKNOWN: Final = mark("The answer is empty, and why is not known.")
EMPTY_AT: Final = mark("The answer is empty: nothing is left after line %(line)s, %(text)s.")


def finding(
    code: str,
    place: tuple[int, int],
    values: dict[str, str],
    *,
    nearest: tuple[Near, ...] = (),
    related: tuple[tuple[int, int], ...] = (),
    edit: Edit | None = None,
) -> Finding:
    """Return a finding with the sentences of its code.

    Args:
        code: Key of `SENTENCES`.
        place: Offsets of what is at fault.
        values: What the sentences are filled with.
        nearest: What is in the data instead.
        related: Other places.
        edit: The change that mends it.
    """
    message, remedy = SENTENCES[code]
    told = Message(message, values), Message(remedy, values)
    return Finding(code, *place, *told, nearest, related, edit)
