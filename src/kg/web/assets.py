"""Style sheets and scripts, sent from memory: there are few, and they are small.

Pages name them with the hash of the software (`/static/site.css?v=…`), so that address never has
other content and is kept for good. Without the hash, or with that of another software, a client
asks again after an hour.
"""

import re
from email.utils import formatdate
from pathlib import Path
from typing import Final, NamedTuple

from starlette.types import Scope, Send

from kg.errors import MissingFileError
from kg.mediatypes import MediaType
from kg.query.protocol import ProtocolError
from kg.query.worker import CODED_FROM, coded, coder_for
from kg.web.http import Asked, encoded, is_known, send_whole, unmet
from kg.web.responses import etag_for
from kg.web.site import release

PREFIX: Final = "/static/"
BUNDLE: Final = "dist"  # what `src/frontend/build.py` makes
_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": MediaType("text/css", "css", "CSS"),
    ".js": MediaType("text/javascript", "js", "JavaScript"),
    ".json": MediaType("application/json", "json", "JSON"),
    ".svg": MediaType("image/svg+xml", "svg", "SVG"),
    ".txt": MediaType("text/plain", "txt", "Text"),
    ".woff2": MediaType("font/woff2", "woff2", "WOFF2"),
}
_HASHED: Final = re.compile(r"-[0-9A-Z]{8}\.woff2$")  # the hash of its content, as esbuild adds it
_FOR_GOOD: Final = "public, max-age=31536000, immutable"  # RFC 8246
_FOR_NOW: Final = "public, max-age=3600"


class _Asset(NamedTuple):
    body: bytes
    media_type: MediaType
    modified: float


class Assets:
    """The files, read once."""

    def __init__(self) -> None:
        """Read them.

        Raises:
            MissingFileError: What is bundled from packages of others is not there.
        """
        if not (_FOLDER / BUNDLE).is_dir():
            raise MissingFileError(
                f"{_FOLDER / BUNDLE}: the scripts, fonts and the map of the pages are not built; "
                "build them with: ./run python src/frontend/build.py"
            )
        self._found = {
            path.relative_to(_FOLDER).as_posix(): _Asset(
                path.read_bytes(), _TYPES[path.suffix], path.stat().st_mtime
            )
            for path in _FOLDER.rglob("*.*")
        }

    def has(self, path: str) -> bool:
        """Tell whether there is a file with an address."""
        return path.startswith(PREFIX) and path.removeprefix(PREFIX) in self._found

    async def answer(self, scope: Scope, send: Send) -> None:
        """Send a file that is there, see `has`.

        Raises:
            ProtocolError: The method is none for reading, or a condition of the client does not
                hold.
        """
        asked, path = Asked(scope), scope["path"]
        asset = self._found[path.removeprefix(PREFIX)]
        if asked.method not in ("GET", "HEAD"):
            allowed = {"Allow": "GET, HEAD, OPTIONS"}
            raise ProtocolError(405, "Method not allowed", f"{path} can only be read", allowed)
        coding = asked.coding if len(asset.body) >= CODED_FROM else None
        etag = etag_for(asset.body, asset.media_type.name, coding or "")
        if asked.refuses(etag, asset.modified):
            raise unmet(path)
        headers = _headers(scope, asset, etag)
        if is_known(asked.tags if asked.has_tags else None, asked.since, etag, asset.modified):
            await send_whole(send, asked, 304, encoded(headers), b"")
            return
        headers["Content-Type"] = asset.media_type.content_type
        body = asset.body
        if (coder := coder_for(coding)) is not None and coding is not None:
            headers["Content-Encoding"] = coding
            body = coded(body, coder)
        await send_whole(send, asked, 200, encoded(headers), body)


def _headers(scope: Scope, asset: _Asset, etag: str) -> dict[str, str]:
    is_hashed = _HASHED.search(scope["path"]) is not None
    is_for_good = is_hashed or scope["query_string"] == f"v={release()}".encode()
    return {
        "ETag": etag,
        "Last-Modified": formatdate(asset.modified, usegmt=True),
        "Cache-Control": _FOR_GOOD if is_for_good else _FOR_NOW,
        "Vary": "Accept-Encoding",
    }
