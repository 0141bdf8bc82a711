"""Pages over many things: lists with facets, countries, a comparison, how complete the graph is.

- `index`: what lists are narrowed by and where their things lie, read once from a snapshot.
- `facets`: narrows a list, and counts what is left in each way.
- `lists`: the lists of cities, networks and pledges.
- `countries`: all countries, and one.
- `comparison`: cities or networks side by side.
- `completeness`: what is known of what, counted once for a snapshot.
- `front_page`: the first page, and what is new.
- `routes`: their addresses.
"""
