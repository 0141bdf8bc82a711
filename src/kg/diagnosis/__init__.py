"""Why a query has no answer: which part of it first matches nothing, and what would.

- `tree`, `terms`, `reading`: a query taken apart, each part with its place.
- `probing`: parts of a query, asked by themselves.
- `blame`: the first part that leaves nothing, and the fewest that do so together.
- `lexicon`: the terms and labels of the data, and which is nearest to a term that is not there.
- `statements`, `values`, `restrictions`, `modifiers`: what is wrong with the parts to blame.
- `examination`: one look at a query.
- `doctor`: all of it, one fault after the other, until the mended query has rows.

Nothing here has a deadline; where one is needed, it runs in a worker of `kg.query.pool`.
"""

from kg.diagnosis.doctor import diagnose
from kg.diagnosis.lexicon import Lexicon
from kg.diagnosis.model import Diagnosis, Finding

__all__ = ["Diagnosis", "Finding", "Lexicon", "diagnose"]
