"""What can go wrong between a program and a service."""

from dataclasses import dataclass

from kg.errors import KgError


class ClientError(KgError):
    """A service did not give what was asked for."""


class NoAnswerError(ClientError):
    """Nothing came, not all of it, or nothing that can be read."""


@dataclass(eq=False)
class RefusedError(ClientError):
    """The service refused the request.

    Attributes:
        status: HTTP status code.
        detail: What the service says of it.
    """

    status: int
    detail: str

    def __str__(self) -> str:
        """Give status and detail."""
        return f"{self.status}: {self.detail}"


@dataclass(eq=False)
class CutAnswerError(ClientError):
    """The service has sent the first rows only, and nobody had asked for that.

    Attributes:
        rows: How many came.
    """

    rows: int

    def __str__(self) -> str:
        """Say what to do."""
        return f"the answer was cut after {self.rows} rows; ask for it in pages: Graph.pages()"
