"""What changed between two states of the dataset, as facts and not as lines: `kg diff`.

- `sides`: the two states: a revision of git, or the files as they are now.
- `facts`: the statements of a state, with blank nodes by what they say.
- `compare`: added, removed, moved, renamed.
- `impact`: what a change does to pages, totals, answers and findings.
- `text`, `data`: the result for people and for programs.
"""

from kg.changes.compare import Comparison, compare
from kg.changes.impact import Impact, impact
from kg.changes.sides import Side, sides

__all__ = ["Comparison", "Impact", "Side", "compare", "impact", "sides"]
