"""What a client is told of an error: the one place where errors become HTTP statuses."""

from typing import Final

from kg.errors import DataError, KgError, MalformedError
from kg.query.backend import BusyError, QueryTimeoutError, RemoteError, WorkerDiedError
from kg.query.evaluation import ResultTooLargeError
from kg.query.protocol import ProtocolError

RETRY_AFTER_S: Final = 5


def as_fault(error: KgError) -> ProtocolError:
    """Return what a client is told of an error."""
    retry = {"Retry-After": str(RETRY_AFTER_S)}
    match error:
        case ProtocolError():
            return error
        case MalformedError():
            detail = f"line {error.line}, column {error.column}: {error.reason}"
            return ProtocolError(400, "Query not accepted", detail)
        case DataError():
            return ProtocolError(400, "Query cannot be evaluated", str(error))
        case ResultTooLargeError():
            return ProtocolError(413, "Result too large", str(error))
        case BusyError():
            return ProtocolError(503, "Server busy", str(error), retry)
        case QueryTimeoutError():
            detail = f"{error}; ask for less, or add LIMIT"
            return ProtocolError(504, "Query took too long", detail)
        case WorkerDiedError():
            detail = f"{error}; ask for less, or simplify the query"
            return ProtocolError(500, "Query stopped", detail)
        case RemoteError():
            return ProtocolError(502, "The store behind this server failed", str(error), retry)
        case _:
            return ProtocolError(500, "Query failed", str(error))
