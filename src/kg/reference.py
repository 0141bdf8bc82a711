"""Pages of `docs/` made from the ontology, the shapes and the queries, so that none can drift."""

from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import dataset, queryfile, turtle
from kg.check import catalogue, names
from kg.errors import UsageError
from kg.namespaces import ONT, RDFS, SKOS, shorten
from kg.renderers.rule import rule_as_markdown, what_as_markdown
from kg.terms import in_default_graph, select

_VOCABULARIES: Final = "src/kg/check/vocabularies.txt"
_MADE: Final = "<!-- Made by `kg docs`; change the source, not this page. -->\n"

_TERMS: Final = f"""
PREFIX rdfs: <{RDFS}> PREFIX skos: <{SKOS}> PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT ?term ?kind ?en ?lt ?sl ?definition WHERE {{
  VALUES ?kind {{ owl:Class owl:ObjectProperty owl:DatatypeProperty rdf:Property }}
  ?term a ?kind ; rdfs:label ?en ; skos:definition ?definition .
  FILTER(STRSTARTS(STR(?term), "{ONT}") && LANG(?en) = "en")
  OPTIONAL {{ ?term rdfs:label ?lt . FILTER(LANG(?lt) = "lt") }}
  OPTIONAL {{ ?term rdfs:label ?sl . FILTER(LANG(?sl) = "sl") }}
}} ORDER BY ?term
"""
_MAPPINGS: Final = "SELECT ?term ?relation ?other WHERE { ?term ?relation ?other } ORDER BY ?other"


def pages(root: Path) -> dict[str, str]:
    """Return the text of each page by its path in the project."""
    made = {
        "docs/rules.md": rules_page(root),
        "docs/ontology.md": ontology_page(root),
        "docs/queries.md": queries_page(root),
    }
    if (root / _VOCABULARIES).exists():  # the program's own folder, and not another dataset
        made[_VOCABULARIES] = names.vocabularies()
    return made


def write(root: Path, *, only_check: bool = False) -> list[str]:
    """Write the pages that are not up to date, and return their paths; or only return them."""
    old = []
    for name, text in pages(root).items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            old.append(name)
            if not only_check:
                _write(path, text)
    return old


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def rules_page(root: Path) -> str:
    """Return the page of all rules; `kg explain CODE` shows one of them."""
    known = catalogue.load(root)
    lines = [_MADE, "# Rules", ""]
    lines += [
        f"{len(known)} rules. A violation stops a build; a warning asks for a look.",
        "",
        "| code | rule | severity | layer |",
        "|---|---|---|---|",
    ]
    for rule in known.values():
        anchor = f"[{rule.code}](#{rule.code.lower()})"
        lines.append(f"| {anchor} | {rule.title} | {rule.severity.value} | {rule.layer} |")
    for rule in known.values():
        lines += ["", f"## {rule.code}", "", rule_as_markdown(rule)]
        for language in ("lt", "sl"):
            lines += ["", f"*{language}:* {what_as_markdown(rule, language)}"]
    return "\n".join(lines) + "\n"


def ontology_page(root: Path) -> str:
    """Return the page of classes and properties."""
    store = ox.Store()
    aligned: dict[str, list[str]] = {}
    for path in sorted((root / "ontology").glob("*.ttl")):
        triples = turtle.parse(dataset.read_text(path, path.name), path)
        store.extend(in_default_graph(t) for t in triples)
        if path.stem == "alignments":
            for t in triples:
                if isinstance(t.object, ox.NamedNode) and t.subject.value.startswith(ONT):
                    relation = t.predicate.value.rsplit("#", 1)[-1]
                    shown = f"{relation} `{shorten(t.object.value)}`"
                    aligned.setdefault(t.subject.value, []).append(shown)
    rows = list(select(store, _TERMS))
    lines = [_MADE, "# Classes and properties", ""]
    for heading, is_class in (("Classes", True), ("Properties", False)):
        lines += [f"## {heading}", ""]
        lines += ["| term | lt | sl | meaning | mapped to |", "|---|---|---|---|---|"]
        for row in rows:
            if row["kind"].value.endswith("#Class") is is_class:
                cells = [
                    f"`{shorten(row['term'].value)}`",
                    row["lt"].value if row["lt"] else "",
                    row["sl"].value if row["sl"] else "",
                    row["definition"].value,
                    ", ".join(sorted(aligned.get(row["term"].value, []))),
                ]
                lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def queries_page(root: Path) -> str:
    """Return the page of the questions of the library."""
    library = queryfile.library(root)
    lines = [_MADE, "# Questions", ""]
    lines += [
        f"{len(library)} questions. `kg query NAME` asks one; every file in queries/questions is "
        "valid SPARQL and runs in any tool.",
    ]
    ordered = sorted(library.values(), key=lambda query: (query.group, query.id))
    for group, members in groupby(ordered, key=lambda query: query.group):
        lines += ["", f"## {group.capitalize()}", ""]
        lines += ["| name | question | parameters |", "|---|---|---|"]
        for query in members:
            names = ", ".join(f"`{p.name}`" for p in query.parameters)
            link = f"[{query.name}](../queries/questions/{query.name}.rq)"
            lines.append(f"| {link} ({query.id}) | {query.question['en']} | {names} |")
    return "\n".join(lines) + "\n"
