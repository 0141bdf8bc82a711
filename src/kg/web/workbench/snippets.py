"""A query as a piece of code to take along: for a shell, for Python, R and JavaScript.

The query is put in as each language writes a text that holds anything, and never as code.
"""

import json
import re
from typing import Final, NamedTuple

_RAW_R: Final = re.compile(r"\)(-*)\"")


class Snippet(NamedTuple):
    """A query in a language.

    Attributes:
        key: `curl`, `python`, `r` or `javascript`.
        name: Of the language, as people write it.
        code: That asks the query and prints the answer.
    """

    key: str
    name: str
    code: str


def snippets(endpoint: str, text: str, *, is_graph: bool = False) -> list[Snippet]:
    """Return a query in each language.

    Args:
        endpoint: Its address.
        text: The query.
        is_graph: Whether the answer is a graph (CONSTRUCT, DESCRIBE) and no table.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"
    return [
        Snippet("curl", "curl", _curl(endpoint, text, is_graph)),
        Snippet("python", "Python", _python(endpoint, text, is_graph)),
        Snippet("r", "R", _r(endpoint, text, is_graph)),
        Snippet("javascript", "JavaScript", _javascript(endpoint, text, is_graph)),
    ]


def _curl(endpoint: str, text: str, is_graph: bool) -> str:
    wanted = "text/turtle" if is_graph else "text/csv"
    end = "SPARQL"
    while f"\n{end}\n" in f"\n{text}":
        end += "_"
    head = f"curl --silent --show-error --fail-with-body {_shell(endpoint)}"
    return (
        f"{head} \\\n  --header 'Accept: {wanted}' \\\n"
        f"  --header 'Content-Type: application/sparql-query' \\\n  --data-binary @- <<'{end}'\n"
        f"{text}{end}\n"
    )


def _python(endpoint: str, text: str, is_graph: bool) -> str:
    address, query = json.dumps(endpoint), _python_text(text)
    if is_graph:
        return (
            "from SPARQLWrapper import SPARQLWrapper, TURTLE  # pip install sparqlwrapper\n\n"
            f"endpoint = SPARQLWrapper({address}, returnFormat=TURTLE)\n"
            f"endpoint.setMethod('POST')\nendpoint.setQuery({query})\n"
            "print(endpoint.queryAndConvert().decode())\n"
        )
    return (
        "from SPARQLWrapper import SPARQLWrapper, JSON  # pip install sparqlwrapper\n\n"
        f"endpoint = SPARQLWrapper({address}, returnFormat=JSON)\n"
        f"endpoint.setMethod('POST')\nendpoint.setQuery({query})\n"
        "answer = endpoint.queryAndConvert()\n"
        "if 'boolean' in answer:\n    print(answer['boolean'])\n"
        "else:\n    for row in answer['results']['bindings']:\n"
        "        print({name: cell['value'] for name, cell in row.items()})\n"
    )


def _r(endpoint: str, text: str, is_graph: bool) -> str:
    wanted = "text/turtle" if is_graph else "text/csv"
    shown = "cat(answer)" if is_graph else "print(read.csv(text = answer))"
    return (
        'library(httr2)  # install.packages("httr2")\n\n'
        f"query <- {_r_text(text)}\n"
        f"answer <- request({_r_text(endpoint)}) |>\n"
        f'  req_headers(Accept = "{wanted}") |>\n'
        '  req_body_raw(query, type = "application/sparql-query") |>\n'
        "  req_perform() |>\n  resp_body_string()\n"
        f"{shown}\n"
    )


def _javascript(endpoint: str, text: str, is_graph: bool) -> str:
    wanted = "text/turtle" if is_graph else "application/sparql-results+json"
    shown = "await answer.text()" if is_graph else "JSON.stringify(await answer.json(), null, 1)"
    return (
        f"const query = {_javascript_text(text)};\n"
        f"const answer = await fetch({json.dumps(endpoint)}, {{\n"
        '  method: "POST",\n'
        f'  headers: {{ "Content-Type": "application/sparql-query", Accept: "{wanted}" }},\n'
        "  body: query,\n});\n"
        "if (!answer.ok) throw new Error(await answer.text());\n"
        f"console.log({shown});\n"
    )


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _python_text(text: str) -> str:
    """Return a text as Python writes it: over several lines where it has nothing special."""
    if "\\" in text or '"""' in text or not text.replace("\n", "").isprintable():
        return repr(text)
    return f'"""{text[:-1]}\\""""' if text.endswith('"') else f'"""{text}"""'


def _r_text(text: str) -> str:
    """Return a text as R (4.0 and later) writes it raw.

    >>> _r_text('a)"b')
    'r"-(a)"b)-"'
    """
    dashes = max((len(found[1]) for found in _RAW_R.finditer(text)), default=-1) + 1
    return f'r"{"-" * dashes}({text}){"-" * dashes}"'


def _javascript_text(text: str) -> str:
    """Return a text as a template of JavaScript."""
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${") + "`"
