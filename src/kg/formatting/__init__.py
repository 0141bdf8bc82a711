"""Turtle in the layout of this repository: `kg fmt`.

- `layout`: from text to text, on the tokens, so that nothing that was written is lost.
- `files`: files, the proof that the graph stays the same, and writing.
"""

from kg.formatting.layout import format_text

__all__ = ["format_text"]
