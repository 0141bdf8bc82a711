"""Names to things of the graph, with reasons: the terms are those of the Reconciliation API.

    records     what is compared: a thing with its names, country, point and population
    keys        the texts by which a name is found, and a text looked up
    index       from a text to the names that are, or may be, meant
    features    how well a record fits a query: score, 0 to 100, and what it is made of
    decision    whether the best candidate is the match: unique and exact enough, or none
    candidates  what imports have left open, from the graph
    rulings     what a curator has decided about rows of imports
    search      what somebody may mean who types some words
    curation    the work of a curator on an import
    words       what speaks for a candidate and what against, in words
    memory      put to use while large tables are made

Records are read from the files of a dataset and from a snapshot alike.
"""

from kg.matching.decision import Candidate, Decision, Matcher, Query, Why
from kg.matching.features import Features
from kg.matching.index import Found, Index
from kg.matching.keys import Form
from kg.matching.records import Name, Point, Record, records_of, statements_in, statements_of

__all__ = [
    "Candidate",
    "Decision",
    "Features",
    "Form",
    "Found",
    "Index",
    "Matcher",
    "Name",
    "Point",
    "Query",
    "Record",
    "Why",
    "records_of",
    "statements_in",
    "statements_of",
]
