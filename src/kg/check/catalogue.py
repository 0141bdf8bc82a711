"""The catalogue of rules: those of `shapes/` and those that are checked in Python.

A rule has one code, which is its shape's local name, the first word of its message, the name of
its test file and its anchor in `docs/rules.md`. A rule that is checked in Python has its words in
`rules/LAYER.toml` beside this module, in the languages of the findings:

    [TXT01]                     title, severity, why, wrong, right (English)
    [TXT01.rule]                what is right, by language
    [TXT01.said.VARIANT]        what a finding says, by language; names in braces are filled in
    [TXT01.help.VARIANT]        how to mend it, by language
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg import turtle
from kg.dataset import read_text
from kg.errors import DataError, MalformedError, MissingFileError, UnknownNameError
from kg.findings import Finding, Severity, Span, Text
from kg.namespaces import RDFS, SH, SHAPES
from kg.terms import Term, in_default_graph, select


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: Three letters and two digits.
        title: A few words.
        severity: What breaking it does.
        layer: `text`, `syntax`, `names`, `shapes`, `cross-file`, `evidence`, `staleness` or
            `comments`.
        said: What is right, with an example; without the code.
        why: The reason for the rule.
        wrong: A fragment that breaks it.
        right: The same fragment, mended.
        help: How to mend it, where that does not depend on the finding.
    """

    code: str
    title: str
    severity: Severity
    layer: str
    said: Text
    why: str
    wrong: str
    right: str
    help: Text

    @property
    def message(self) -> str:
        """What is right, in English."""
        return self.said.en


@cache
def _words() -> dict[str, dict[str, Any]]:
    """Return the rules that are checked in Python, as their files have them, with their layer."""
    found: dict[str, dict[str, Any]] = {}
    for entry in sorted(resources.files(__package__).joinpath("rules").iterdir(), key=str):
        if entry.name.endswith(".toml"):
            layer = entry.name.removesuffix(".toml")
            for code, words in tomllib.loads(entry.read_text(encoding="utf-8")).items():
                found[code] = words | {"layer": layer}
    return found


def python_rules() -> list[Rule]:
    """Return the rules that are checked in Python, by code."""
    return [
        Rule(
            code,
            words["title"],
            Severity(words["severity"]),
            words["layer"],
            Text.of(words["rule"]),
            words["why"],
            words["wrong"],
            words["right"],
            Text(),
        )
        for code, words in sorted(_words().items())
    ]


def layer_of(code: str) -> str:
    """Return the layer of a rule that is checked in Python, or an empty string."""
    return str(_words().get(code, {}).get("layer", ""))


def remedies(code: str) -> list[Text]:
    """Return the ways to mend findings of a rule that is checked in Python, each once."""
    wordings = _words().get(code, {}).get("help", {}).values()
    return list(dict.fromkeys(map(Text.of, wordings)))


def finding(
    code: str, variant: str, span: Span, args: Mapping[str, object] = {}, **parts: Any
) -> Finding:
    """Return a finding of a rule that is checked in Python.

    Args:
        code: The rule.
        variant: Which of its wordings says what is wrong.
        span: Where it is.
        args: What is filled in for the names in braces.
        parts: Other attributes of the finding.
    """
    words = _words()[code]
    said = _filled(words["said"][variant], args)
    remedy = _filled(words.get("help", {}).get(variant, {}), args)
    return Finding(code, Severity(words["severity"]), span, said, help=remedy, **parts)


def _filled(templates: Mapping[str, str], args: Mapping[str, object]) -> Text:
    return Text.of({language: text.format_map(args) for language, text in templates.items()})


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
    return of_shapes(shape_files(root).values())


def of_shapes(texts: Iterable[str]) -> Catalogue:
    """Return the catalogue of the rules of some shapes, and of those that are checked in Python.

    Raises:
        DataError: A shape that is named like a rule lacks a title or a message.
    """
    store = ox.Store()
    for text in texts:
        store.extend(in_default_graph(t) for t in turtle.parse(text))
    found = {rule.code: rule for rule in python_rules()}
    words: dict[str, dict[str, dict[str, str]]] = {}
    for row in select(store, _WORDS):
        code = row["rule"].value.removeprefix(SHAPES)
        text = row["text"].value.removeprefix(f"{code}: ")
        kind = words.setdefault(code, {}).setdefault(row["kind"].value, {})
        kind[row["text"].language or "en"] = text
    for row in select(store, _RULES):
        code = row["rule"].value.removeprefix(SHAPES)
        if row["title"] is None or "message" not in words.get(code, {}):
            raise DataError(f"shapes: {code} has no title (rdfs:label) or no sh:message")
        found[code] = Rule(
            code,
            row["title"].value,
            Severity.WARNING if row["warns"].value == "true" else Severity.VIOLATION,
            "shapes",
            Text.of(words[code]["message"]),
            _value(row["why"]),
            _value(row["wrong"]),
            _value(row["right"]),
            Text.of(words[code].get("help", {})),
        )
    return Catalogue(sorted(found.items()))


def _value(term: Term | None) -> str:
    return "" if term is None else term.value


_IS_RULE: Final = 'FILTER(REGEX(STR(?rule), "#[A-Z]{3}[0-9]{2}$"))'
_RULES: Final = f"""
PREFIX sh: <{SH}> PREFIX rdfs: <{RDFS}> PREFIX cps: <{SHAPES}>
SELECT ?rule (SAMPLE(?t) AS ?title) (SAMPLE(?d) AS ?why) (SAMPLE(?w) AS ?wrong)
       (SAMPLE(?r) AS ?right) (BOUND(?warning) AS ?warns)
WHERE {{
  VALUES ?kind {{ sh:NodeShape sh:PropertyShape }}
  ?rule a ?kind . {_IS_RULE}
  OPTIONAL {{ ?rule rdfs:label ?t }}
  OPTIONAL {{ ?rule sh:severity ?warning . FILTER(?warning = sh:Warning) }}
  OPTIONAL {{ ?rule sh:description ?d }}
  OPTIONAL {{ ?rule cps:wrong ?w }}
  OPTIONAL {{ ?rule cps:right ?r }}
}}
GROUP BY ?rule ?warning
"""
_WORDS: Final = f"""
PREFIX sh: <{SH}> PREFIX cps: <{SHAPES}>
SELECT ?rule ?kind ?text WHERE {{
  {{ ?rule sh:message ?text . BIND("message" AS ?kind) }}
  UNION {{ ?rule sh:sparql/sh:message ?text . BIND("message" AS ?kind) }}
  UNION {{ ?rule cps:help ?text . BIND("help" AS ?kind) }}
  {_IS_RULE}
}}
"""
