"""The graph for programs in Python: queries as tables with types, things as objects.

    from kg.client import Graph

    graph = Graph("http://127.0.0.1:8000")
    graph.city("lt-klaipeda").networks
    graph.query("SELECT ?city { ?city a cpo:City }").to_pandas()

- `transport`: requests by SPARQLWrapper, repeated politely where a server asks for that.
- `answers`, `values`: tables, and what their cells are in Python, pandas and polars.
- `paging`: long answers, page by page.
- `things`: cities, bodies, networks, participations, pledges.
- `graph`: all of it by the address of a service.
"""

from kg.client.answers import Answer
from kg.client.errors import ClientError, CutAnswerError, NoAnswerError, RefusedError
from kg.client.graph import Graph
from kg.client.paging import Pages
from kg.client.transport import Patience
from kg.client.values import IRI, Other, Text

__all__ = [
    "IRI",
    "Answer",
    "ClientError",
    "CutAnswerError",
    "Graph",
    "NoAnswerError",
    "Other",
    "Pages",
    "Patience",
    "RefusedError",
    "Text",
]
