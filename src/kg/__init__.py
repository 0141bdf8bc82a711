"""A knowledge graph of cities, networks and commitments, with a source for every statement."""

__version__ = "0.1.0"
