"""New entities: an IRI, a stub in the right file, and no second one of what is there already.

- `demands`: what shapes and ontology ask of a class and of a property.
- `values`: from what a curator types to a term of RDF.
- `likeness`: names that are the same, or nearly.
- `placing`: where in a file a stub goes, and how it is written.
- `planning`: all of it together: from a wish to a draft, and from a draft to files.
- `retiring`: the other way: an entity that goes, and its IRI, which is kept.
"""

from kg.drafts.planning import Draft, DuplicateError, Wish, plan, write

__all__ = ["Draft", "DuplicateError", "Wish", "plan", "write"]
