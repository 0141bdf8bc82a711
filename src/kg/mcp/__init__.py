"""The graph for programs that speak the Model Context Protocol (https://modelcontextprotocol.io).

`kg mcp` serves it over standard input and output, or over HTTP on this machine alone. It reads and
never writes; no tool takes an address, so nothing is fetched.

Modules: `graph` (what is asked: workers over a snapshot), `models` (what tools answer), `tools`
(what there is to call), `serving` (how it is served).
"""
