"""Tables of others into the graph: `kg import`.

reading, mapping, nodes, names, spots    the mapping: TOML to classes, every key checked
cells, csvfile, xlsxfile, tables         the files: rows with lines, whatever the format
values, dates, countries, points         cells to values of the graph, or what is wrong with them
personal                                 what is never read
bodies                                   rows to bodies and networks, by matching and decisions
engine, account                          rows to statements, each row accounted for
statements, source                       statements to Turtle
places, run, difference, tombstones      an edition into its place, and what changed
"""
