"""Everything about the terms of one snapshot, made once."""

from collections.abc import Mapping
from functools import cached_property

from kg.terms import Quads
from kg.web.vocabularies.diagrams import OVERVIEW, around, overview
from kg.web.vocabularies.drawing import Drawing
from kg.web.vocabularies.graph import Vocabularies
from kg.web.vocabularies.shapes import Rules
from kg.web.vocabularies.usage import Usage


class Model:
    """The terms of a snapshot, the rules on them, how often they are used, and the diagrams.

    Attributes:
        terms: The ontology, shapes, lists and questions.
        rules: The rules by the terms that they are about.
        usage: How often terms are used in the data.
    """

    def __init__(self, store: Quads, base: str, classes: Mapping[str, int]) -> None:
        """Read it from a snapshot.

        Args:
            store: The snapshot.
            base: What its IRIs begin with.
            classes: Number of instances of each class.
        """
        self.terms = Vocabularies(store, base)
        self.rules = Rules(self.terms)
        self.usage = Usage(self.terms, classes)

    def prepare(self) -> None:
        """Work out now what pages need, so that each process that is forked later has it."""
        self.rules.prepare()
        _ = self.drawings, self.terms.questions

    @cached_property
    def drawings(self) -> dict[str, Drawing]:
        """The diagrams by name: that of the whole, and that of each class by its local name."""
        terms = self.terms
        found = {
            local: around(terms, term)
            for local, term in terms.terms_of("ont").items()
            if "class" in terms.kinds(term)
        }
        return {OVERVIEW: overview(terms, self.usage.uses), **found} if found else {}
