"""Running SPARQL queries safely.

- `guard`: what a query text is refused for before any engine sees it.
- `protocol`: the SPARQL 1.1 Protocol, from the parts of a request to a decision.
- `service`: evaluation, and the worker processes that it takes place in.
- `worker`: what runs inside such a process.
"""
