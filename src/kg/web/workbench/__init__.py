"""The workbench at `/query`: write a query, or choose a question, and see the answer.

    /query                              the editor, and the questions of the library
    /query?query=SELECT...&view=map     a query and its answer
    /query?question=NAME&network=...    a question of the library with values
    /query/schema.json                  what the editor completes from
    /query/link                         takes a query by POST, and keeps it under a short address
    /q/IDENTIFIER                       a query that was kept, and its answer

`front` is the part in the front of the server: it has the query run, keeps short links, and hands
the first rows on in a job. `routes` is the part in a worker: it makes the page. Every view is HTML
or SVG made there, so that it is a link, works without a script, and prints.
"""

from typing import Final

PATH: Final = "/query"
SCHEMA: Final = "/query/schema.json"
LINK: Final = "/query/link"
SHORT: Final = "/q/"
VIEWS: Final = ("table", "map", "timeline", "graph", "chart", "turtle")
ROWS: Final = 100  # of a table, on a page that was made without a script
DRAWN: Final = 2000  # rows that a map, a timeline, a graph or a chart is drawn from
