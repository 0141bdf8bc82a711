"""A query in a file: SPARQL that runs anywhere, with a header in comments that says what it asks.

The header is YAML in lines that begin with `#+`. A parameter stands in the query as

    VALUES ?network { net:urbact-sdg-pilot }  # parameter: network

so that the file runs as it is, with its default, in any tool; `QueryFile.bind` puts another value
there. A value is never pasted in: it is read by its type and written as a term.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import yaml

from kg.errors import DataError, MissingFileError, UnknownNameError, UsageError
from kg.namespaces import FOAF, ID, KINDS, ONT, ORG, PREFIXES, RDF, SCHEMA, SKOS, VOC, XSD

TYPES: Final = ("iri", "year", "date", "lang", "text", "integer")
LANGUAGES: Final = ("en", "lt", "sl")
# What a parameter of a kind may be: an instance of this class.
CLASSES: Final[dict[str, str]] = {
    "concept": SKOS + "Concept",
    "country": ONT + "Country",
    "property": RDF + "Property",
    "document": ONT + "OfficialDocument",
    "edition": ONT + "ProgrammeEdition",
    "event": ONT + "Event",
    "group": ONT + "WorkingGroup",
    "organisation": ORG + "Organization",
    "person": FOAF + "Person",
    "place": SCHEMA + "Place",
    **{
        kind: ONT + kind.capitalize()
        for kind in (
            *("activity", "city", "decision", "fund", "goal", "municipality", "network"),
            *("output", "phase", "pledge", "programme", "project", "target", "undertaking"),
        )
    },
}
# Where the last part of an IRI of a kind stands.
_SPACES: Final[dict[str, str]] = {
    **{kind: f"{ID}{kind}/" for kind in KINDS},
    "concept": VOC,
    "country": PREFIXES["cc"],
    "property": ONT,
}

_LINE: Final = re.compile(r"^(\s*VALUES \?(\w+) \{ )(.*?)( \}\s*# parameter: (\w+)\s*)$", re.M)
_SHAPE: Final = {
    "year": (r"-?\d{4,}", XSD + "gYear", "a year, such as 2030"),
    "date": (r"-?\d{4,}-\d\d-\d\d", XSD + "date", "a day, such as 2021-06-01"),
    "integer": (r"[+-]?\d+", XSD + "integer", "a whole number, such as 2"),
    "lang": (r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", "", "a language tag, such as lt"),
}


@dataclass(frozen=True)
class Parameter:
    """One thing that a query can be asked with.

    Attributes:
        name: The variable.
        type: One of `TYPES`.
        default: What is asked where no value is given, as a person writes it.
        label: Its name in each language.
        kind: For an IRI, the kind of entity, a key of `CLASSES` such as `network`; empty where any
            IRI will do.
    """

    name: str
    type: str
    default: str
    label: dict[str, str]
    kind: str = ""

    def term(self, value: str) -> str:
        """Return a value as a SPARQL term, see `node`.

        Raises:
            UsageError: The value is not of the parameter's type.
        """
        return str(self.node(value))

    def node(self, value: str) -> ox.NamedNode | ox.Literal:
        """Return a value as a term of RDF.

        An IRI may be given in full, as a prefixed name, or as the last part of the IRI of an
        entity of the parameter's kind.

        Raises:
            UsageError: The value is not of the parameter's type.
        """
        if self.type == "iri":
            try:
                return ox.NamedNode(self._iri(value))
            except ValueError as error:
                raise UsageError(f"{self.name}={value}: is no IRI: {error}") from None
        if self.type == "text":
            return ox.Literal(value)
        pattern, datatype, expected = _SHAPE[self.type]
        if not re.fullmatch(pattern, value, re.ASCII) or (
            self.type == "date" and not _is_day(value)
        ):
            raise UsageError(f"{self.name}={value}: expected {expected}")
        if not datatype:
            return ox.Literal(value)
        return ox.Literal(value, datatype=ox.NamedNode(datatype))

    def _iri(self, value: str) -> str:
        prefix, colon, local = value.partition(":")
        if re.match(r"https?://", value):
            iri = value
        elif colon and prefix in PREFIXES:
            iri = PREFIXES[prefix] + local
        elif not colon and value and self.kind in _SPACES:
            iri = _SPACES[self.kind] + value
        else:
            raise UsageError(
                f"{self.name}={value}: expected an IRI, or a prefixed name such as {self.default}"
            )
        if re.search(r'[\x00-\x20<>"{}|^`\\]', iri):
            raise UsageError(f"{self.name}={value}: an IRI holds no blanks, quotes or brackets")
        return iri


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class QueryFile:
    """A query of the library.

    Attributes:
        name: The file's name without its ending.
        text: The whole file, which is valid SPARQL.
        question: What it asks, in each language.
        id: A short stable number, such as `CQ01`.
        group: Under which heading it is listed.
        note: What an empty or a partial answer means; may be empty.
        parameters: What it can be asked with.
        expect: What the tests demand of the answer: `rows`, `min_rows` or `empty`.
    """

    name: str
    text: str
    question: dict[str, str]
    id: str
    group: str
    note: str = ""
    parameters: tuple[Parameter, ...] = ()
    expect: dict[str, Any] = field(default_factory=dict)

    def bind(self, values: Mapping[str, str]) -> str:
        """Return the SPARQL with other values for its parameters.

        Raises:
            UnknownNameError: The query has no such parameter.
            UsageError: A value is not of its parameter's type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                has = ", ".join(known) or "none"
                raise UnknownNameError(f"{self.name} has no parameter {name!r}; it has: {has}")
        terms = {name: known[name].term(value) for name, value in values.items()}

        def replace(match: re.Match[str]) -> str:
            term = terms.get(match[5])
            return match[0] if term is None else f"{match[1]}{term}{match[4]}"

        return _LINE.sub(replace, self.text)


def read(path: Path) -> QueryFile:
    """Read one query file.

    Raises:
        MissingFileError: It is not there.
        DataError: Its header is not as it has to be; says what is missing.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MissingFileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8; save the file as UTF-8") from None
    header = "\n".join(
        line[3:] for line in text.splitlines() if line.startswith("#+ ") or line == "#+"
    )
    try:
        fields = yaml.safe_load(header)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: the header in #+ lines is not YAML: {reason}") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("question"), dict):
        raise DataError(f"{path}: needs a header in #+ lines with a question")
    missing = [name for name in LANGUAGES if not fields["question"].get(name)]
    if missing:
        raise DataError(f"{path}: the question is missing in {', '.join(missing)}")
    parameters = tuple(_parameter(path, item) for item in fields.get("parameters") or ())
    _check_marks(path, text, parameters)
    return QueryFile(
        name=path.stem,
        text=text,
        question=fields["question"],
        id=str(fields.get("id", "")),
        group=str(fields.get("group", "")),
        note=" ".join(str(fields.get("note", "")).split()),
        parameters=parameters,
        expect=fields.get("expect") or {},
    )


def library(root: Path) -> dict[str, QueryFile]:
    """Return all questions of a dataset by name.

    Raises:
        MissingFileError: There is none.
    """
    paths = sorted((root / "queries" / "questions").glob("*.rq"))
    if not paths:
        raise MissingFileError(f"{root / 'queries/questions'}: no query in it")
    return {path.stem: read(path) for path in paths}


def find(root: Path, name: str) -> QueryFile:
    """Return a question by its file name or its id.

    Raises:
        UnknownNameError: There is none of that name; names the nearest.
    """
    questions = library(root)
    for query in questions.values():
        if name in (query.name, query.name + ".rq") or name.upper() == query.id.upper():
            return query
    from difflib import get_close_matches

    near = get_close_matches(name, list(questions), n=3, cutoff=0.4)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise UnknownNameError(f"there is no question {name!r}{hint} (kg query lists them)")


def _parameter(path: Path, item: dict[str, Any]) -> Parameter:
    try:
        found = Parameter(
            str(item["name"]),
            str(item["type"]),
            str(item["default"]),
            dict(item["label"]),
            str(item.get("kind", "")),
        )
    except (KeyError, TypeError) as error:
        needs = "a parameter needs name, type, default and label"
        raise DataError(f"{path}: {needs}: {error}") from None
    if found.type not in TYPES:
        raise DataError(f"{path}: parameter {found.name}: the type is one of {', '.join(TYPES)}")
    if found.kind and found.kind not in CLASSES:
        known = ", ".join(sorted(CLASSES))
        raise DataError(f"{path}: parameter {found.name}: the kind is one of {known}")
    return found


def _check_marks(path: Path, text: str, parameters: tuple[Parameter, ...]) -> None:
    marked = {match[5] for match in _LINE.finditer(text) if match[2] == match[5]}
    named = {parameter.name for parameter in parameters}
    if marked != named:
        odd = ", ".join(sorted(marked ^ named))
        raise DataError(
            f"{path}: parameters of the header and lines marked '# parameter: …' differ: {odd}"
        )
