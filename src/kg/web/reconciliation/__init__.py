"""The Reconciliation Service API, version 0.2, at `/reconcile`.

Somebody has a table with names of cities, bodies or networks and wants to know which things of the
dataset these are. A client such as OpenRefine sends the names in batches and gets candidates; it
asks for names while somebody types (suggest), for a glance at a thing (preview), and for more
columns about the things that were found (data extension). The specification is the final report of
the W3C Entity Reconciliation Community Group of 10 April 2023,
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.

    front       reads the body of a POST and bounds it; everything else is done by a worker
    routes      what a worker answers under which address
    batch       what a client asks, as values; refuses what the specification does not have
    schema      types and properties, with their identifiers and the ways to their values
    ways        walks such a way from a thing to its values, or back
    things      identifiers, names, kinds and values of things
    candidates  answers queries, with the decision of `kg.matching`
    ranking     scores and features of candidates, and their order
    preview     a thing at a glance
    service     all of that for one snapshot
    extension   cells of new columns
    suggestions types and properties by what somebody has typed
    manifest    what the service says of itself
"""

from typing import Final

PATH: Final = "/reconcile"
