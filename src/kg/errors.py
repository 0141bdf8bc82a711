"""Every error that the package raises on purpose.

    KgError                 a message for a person: what, where, found, expected, remedy
    ├── UsageError          the caller asked for something that cannot be done   (exit 2)
    │   ├── MissingFileError
    │   └── UnknownNameError
    ├── DataError           data, a query file or a shape cannot be worked with  (exit 2)
    │   └── MalformedError  a file or a query is not well-formed; has line and column
    │       ├── EncodingError  a file is not UTF-8
    │       └── TooLargeError  a file is larger than what can be checked at once
    └── BuildError          a snapshot could not be made or read                 (exit 2)

Faults that a check finds are no errors but findings (exit 1); so is a build that is refused for
them (`kg.build.CheckFailedError`, a DataError).

No status codes of HTTP here: `kg.web` maps these to answers, `kg.cli` to exit codes.
"""

from dataclasses import dataclass
from pathlib import Path


class KgError(Exception):
    """Something went wrong that a person can mend; the message says how."""


class UsageError(KgError):
    """A command or a call was given something that it cannot work with."""


class MissingFileError(UsageError):
    """A file or a folder that is needed is not there, or holds nothing of use."""


class UnknownNameError(UsageError):
    """No entity, rule or query has the name that was asked for."""


class DataError(KgError):
    """Data, shapes or query files are at fault."""


class BuildError(KgError):
    """A snapshot could not be built, sealed or opened."""


@dataclass(eq=False)
class MalformedError(DataError):
    """Text that does not follow its grammar.

    Attributes:
        path: The file, or None where the text came from elsewhere.
        line: Counted from 1.
        column: Counted from 1, in Unicode code points.
        reason: What the parser expected or found.
    """

    path: Path | None
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        """Give `path:line:column: reason`."""
        return f"{self.path or '<text>'}:{self.line}:{self.column}: {self.reason}"


class EncodingError(MalformedError):
    """A file that is not UTF-8 text."""


class TooLargeError(MalformedError):
    """A file that is larger than what can be checked at once."""
