"""Short links: queries that are kept in the workspace under a name made from what they are.

The name is the beginning of the SHA-256 of what is kept, so that the same query always has the same
link, and who copies a workspace keeps the links. They are never taken away; so there is a limit to
how many there are and how long each is.
"""

import base64
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from kg.query.protocol import ProtocolError
from kg.web.workbench.asked import Pairs

FOLDER: Final = "links"
MOST: Final = 20_000  # links in a workspace
LONGEST: Final = 64 * 1024  # bytes of what one stands for
_CHARACTERS: Final = 16  # of a name: 80 bits
_NAME: Final = re.compile(rf"[a-z2-7]{{{_CHARACTERS}}}")


class Permalinks:
    """The short links of a workspace."""

    def __init__(self, workspace: Path, most: int = MOST) -> None:
        """Look into a workspace, which may have none yet.

        Args:
            workspace: Its folder.
            most: Links that there may be.
        """
        self._folder = workspace / FOLDER
        self._most = most

    def keep(self, pairs: Pairs) -> str:
        """Keep what a link stands for; return its name. What is there already is left alone.

        Raises:
            ProtocolError: 413 where it is too long, 507 where there are too many or none can be
                written.
        """
        body = json.dumps(sorted(pairs), ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) > LONGEST:
            detail = f"a short link can stand for {LONGEST:,} bytes at most; send the query itself"
            raise ProtocolError(413, "Query too long", detail)
        name = name_of(body)
        path = self._path(name)
        try:
            if not path.exists():
                self._write(path, body)
        except OSError as error:
            raise _full(f"it cannot be written: {error.strerror}") from None
        return name

    def find(self, name: str) -> list[tuple[str, str]] | None:
        """Return what a link stands for; None where there is no such link, or it was changed."""
        if _NAME.fullmatch(name) is None:
            return None
        try:
            body = self._path(name).read_bytes()
        except OSError:
            return None
        if name_of(body) != name:
            return None
        return [(key, value) for key, value in json.loads(body)]

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.json"

    def _write(self, path: Path, body: bytes) -> None:
        if sum(1 for _ in self._folder.glob("*/*.json")) >= self._most:
            raise _full(f"there are {self._most:,} already")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)


def name_of(body: bytes) -> str:
    """Return the name of what a link stands for.

    >>> name_of(b"")
    '4oymiquy7qobjgx3'
    """
    digest = hashlib.sha256(body).digest()
    return base64.b32encode(digest).decode().lower()[:_CHARACTERS]


def _full(why: str) -> ProtocolError:
    detail = f"no short link can be kept: {why}; use the long one, which always works"
    return ProtocolError(507, "No room for a link", detail)
