"""The catalogue of rules: those of `shapes/` and those that are checked in Python.

A rule has one code, which is its shape's local name, the first word of its message, the name of
its test file and its anchor in `docs/rules.md`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.dataset import read_text
from kg.errors import DataError, MalformedError, MissingFileError, UnknownNameError
from kg.findings import Severity
from kg.namespaces import RDFS, SH, SHAPES
from kg.terms import in_default_graph, select


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: Three letters and two digits.
        title: A few words.
        severity: What breaking it does.
        layer: `text`, `syntax`, `names`, `shapes`, `cross-file` or `evidence`.
        message: What is right, with an example; begins with the code in shapes.
        why: The reason for the rule.
        wrong: A fragment that breaks it.
        right: The same fragment, mended.
    """

    code: str
    title: str
    severity: Severity
    layer: str
    message: str
    why: str
    wrong: str
    right: str


def _violation(
    code: str, layer: str, title: str, message: str, why: str, wrong: str, right: str
) -> Rule:
    return Rule(code, title, Severity.VIOLATION, layer, f"{code}: {message}", why, wrong, right)


PYTHON_RULES: Final[tuple[Rule, ...]] = (
    _violation(
        "ENC01",
        "text",
        "File is not UTF-8",
        "a Turtle file is UTF-8 text without a byte order mark",
        "Turtle is UTF-8 by its specification; any other encoding turns ė and č into other letters"
        " without a word.",
        "a file saved as Windows-1257",
        "the same file saved as UTF-8",
    ),
    _violation(
        "SYN01",
        "syntax",
        "File is not Turtle",
        "a file follows the grammar of Turtle 1.1",
        "What cannot be read cannot be checked: as long as one file has a fault of syntax, the"
        " rules on the graph are not run.",
        'city:lt-klaipeda a cpo:City ; skos:prefLabel "Klaipėda',
        'city:lt-klaipeda a cpo:City ; skos:prefLabel "Klaipėda"@lt .',
    ),
    _violation(
        "TXT01",
        "text",
        "Language tag in the wrong case",
        "a language tag is written in its canonical case, such as @lt, @sr-Latn or @pt-BR",
        "Parsers fold the case of tags, each in its own way, so a tag in another case is lost or"
        " makes two labels of one. Only the text of the file still shows it (BCP 47, section"
        " 2.1.1).",
        'skos:prefLabel "Klaipėda"@LT',
        'skos:prefLabel "Klaipėda"@lt',
    ),
    _violation(
        "TXT02",
        "text",
        "Text is not in normal form C",
        "text is in Unicode normal form C: one sign for ė, not e and a dot",
        "Two spellings that look the same are two strings, and a search for one does not find the"
        " other (Unicode Standard Annex 15).",
        'skos:prefLabel "Klaipe\\u0307da"@lt',
        'skos:prefLabel "Klaipėda"@lt',
    ),
    _violation(
        "TXT03",
        "text",
        "Blank node in the data",
        "every thing has an IRI; blank nodes are not used in the dataset",
        "A blank node cannot be cited, compared between two versions or corrected by another file.",
        "net:urbact-rurban cpo:nameForm [ a cpo:NameForm ] .",
        "net:urbact-rurban cpo:nameForm name:n-0001 . name:n-0001 a cpo:NameForm .",
    ),
    _violation(
        "TXT04",
        "text",
        "Null character in a text",
        "a text holds no null character (U+0000)",
        "Nothing can show it, and XML has no way to write it, so a document with it cannot be"
        " served in every format (XML 1.0, production 2).",
        'skos:prefLabel "Vil\\u0000nius"@lt',
        'skos:prefLabel "Vilnius"@lt',
    ),
    _violation(
        "VOC02",
        "names",
        "Term that its vocabulary does not have",
        "a property or class of a well-known vocabulary is one that it has, such as skos:prefLabel",
        "A misspelt property is legal RDF: nothing complains, and the value is lost to every"
        " question.",
        'city:lt-vilnius skos:prefLable "Vilnius"@lt .',
        'city:lt-vilnius skos:prefLabel "Vilnius"@lt .',
    ),
    _violation(
        "CNF01",
        "cross-file",
        "Sources disagree and nobody has decided",
        "a property that takes one value has one in the accepted view; where sources disagree, a"
        " ruling in data/decisions.ttl names the value that counts, and why",
        "Two values of one date would both be served as true. The ruling keeps both readable and"
        " says which one counts.",
        'graph s001 says cpo:startDate "2023"^^xsd:gYear, graph h2lt-2023 says'
        ' "2023-05-08"^^xsd:date, and decisions.ttl says nothing',
        "ruling:ru-0001 a cpo:Ruling ; cpo:decidesSubject net:lt-green-municipalities ;"
        ' cpo:decidesProperty cpo:startDate ; cpo:rejectedValue "2023-05-08"^^xsd:date .',
    ),
    _violation(
        "CNF02",
        "cross-file",
        "Ruling without effect",
        "a ruling rejects a statement that some source makes, in the named graph that it names",
        "A ruling that rejects nothing is a slip of the pen, or what is left of a source that was"
        " withdrawn.",
        'cpo:rejectedValue "2024"^^xsd:gYear, which no source says',
        'cpo:rejectedValue "2023-05-08"^^xsd:date',
    ),
    _violation(
        "CNF03",
        "cross-file",
        "Status of a claim and the accepted view differ",
        "an accepted claim is a statement of the accepted view, and a rejected or superseded claim"
        " is not",
        "The status of a claim is what a reader of its source sees; the accepted view is what a"
        " query sees. They have to tell one story.",
        "cpo:claimStatus v:claim-accepted on a statement that no source graph makes",
        "the statement in data/sources/<id>.ttl, or cpo:claimStatus v:claim-open",
    ),
    _violation(
        "CNF04",
        "cross-file",
        "Source file without its source",
        "the files data/sources/<id>.ttl and <id>.claims.ttl describe source:<id>, as a"
        " cpo:SourceDocument or a cpo:WebPage",
        "The named graph graph/source/<id> is said by source:<id>; if nobody describes the source,"
        " its statements cannot be cited.",
        "data/sources/s005.ttl without source:s005 in it",
        "source:s005 a cpo:SourceDocument ; …",
    ),
    _violation(
        "CNF05",
        "cross-file",
        "File that belongs to no named graph",
        "a file of data/ stands where a named graph is: a source in data/sources/<id>.ttl, an"
        " entity in data/registry/<kind>/<country>.ttl",
        "The place of a file says who makes its statements; a file elsewhere would be nobody's.",
        "data/notes.ttl",
        "data/sources/notes.ttl, with source:notes described in it",
    ),
    _violation(
        "EVD01",
        "evidence",
        "Source text is not the one that was read",
        "the length and the SHA-256 of a source text are those that its cpo:SourceDocument states",
        "Offsets count in one exact text; in another edition they point at other words.",
        "a source text that was edited after the claims were made",
        "the text as it was, or claims read anew in the new text",
    ),
    _violation(
        "EVD02",
        "evidence",
        "Span does not hold the words that were read",
        "the SHA-256 of the characters from cpo:spanStart to cpo:spanEnd is the cpo:spanHash",
        "It shows that each claim still points at the words from which it was made, without"
        " keeping the words. A span that holds a withheld name has a skos:note in place of the"
        " hash, because a hash would let anyone confirm a guess.",
        "cpo:spanStart 259 where the words begin at 260",
        "cpo:spanStart 260",
    ),
    _violation(
        "EVD03",
        "evidence",
        "Source text is missing",
        "each cpo:SourceDocument has its text, under its dcterms:identifier, in the folder given",
        "A span can only be checked against the text.",
        "kg evidence texts/ without 000_f441dc3b92476647.txt in it",
        "the file in the folder",
    ),
)


class Catalogue(dict[str, Rule]):
    """All rules by code, in the order of their codes."""

    def find(self, code: str) -> Rule:
        """Return a rule by its code, in any case.

        Raises:
            UnknownNameError: There is no such rule; names those of the same family.
        """
        rule = self.get(code.upper())
        if rule is None:
            near = [known for known in self if known[:3] == code.upper()[:3]] or sorted(
                {known[:3] + "…" for known in self}
            )
            raise UnknownNameError(f"there is no rule {code!r}; known: {', '.join(near)}")
        return rule


def shape_files(root: Path) -> dict[str, str]:
    """Return name and text of each shapes file.

    Raises:
        MissingFileError: There is none.
        DataError: One is not Turtle: the shapes are at fault, not the data.
    """
    paths = sorted((root / "shapes").glob("*.ttl"))
    if not paths:
        raise MissingFileError(f"{root / 'shapes'}: no shapes in it; a check needs them")
    texts = {f"shapes/{path.name}": read_text(path, f"shapes/{path.name}") for path in paths}
    for name, text in texts.items():
        try:
            turtle.parse(text, Path(name))
        except MalformedError as fault:
            raise DataError(f"{fault}; the shapes are at fault, no data was checked") from None
    return texts


def load(root: Path) -> Catalogue:
    """Return the catalogue of the rules of a dataset.

    Raises:
        DataError: A shape that is named like a rule lacks a title, a message or an example.
    """
    store = ox.Store()
    for text in shape_files(root).values():
        store.extend(in_default_graph(t) for t in turtle.parse(text))
    found = {rule.code: rule for rule in PYTHON_RULES}
    for solution in select(store, _RULES):
        code = solution["rule"].value.removeprefix(SHAPES)
        if solution["title"] is None or solution["message"] is None:
            raise DataError(f"shapes: {code} has no title (rdfs:label) or no sh:message")
        warns = solution["severity"] is not None and solution["severity"].value == SH + "Warning"
        found[code] = Rule(
            code,
            solution["title"].value,
            Severity.WARNING if warns else Severity.VIOLATION,
            "shapes",
            solution["message"].value,
            *(solution[name].value if solution[name] else "" for name in ("why", "wrong", "right")),
        )
    return Catalogue(sorted(found.items()))


_RULES: Final = f"""
PREFIX sh: <{SH}> PREFIX rdfs: <{RDFS}> PREFIX cps: <{SHAPES}>
SELECT ?rule (SAMPLE(?t) AS ?title) (SAMPLE(?m) AS ?message) (SAMPLE(?s) AS ?severity)
       (SAMPLE(?d) AS ?why) (SAMPLE(?w) AS ?wrong) (SAMPLE(?r) AS ?right)
WHERE {{
  ?rule a ?kind . FILTER(?kind IN (sh:NodeShape, sh:PropertyShape))
  FILTER(REGEX(STR(?rule), "#[A-Z]{{3}}[0-9]{{2}}$"))
  OPTIONAL {{ ?rule rdfs:label ?t }}
  OPTIONAL {{ ?rule sh:message ?own }}
  OPTIONAL {{ ?rule sh:sparql/sh:message ?inner }}
  BIND(COALESCE(?own, ?inner) AS ?m)
  OPTIONAL {{ ?rule sh:severity ?s }}
  OPTIONAL {{ ?rule sh:description ?d }}
  OPTIONAL {{ ?rule cps:wrong ?w }}
  OPTIONAL {{ ?rule cps:right ?r }}
}}
GROUP BY ?rule
"""
