"""/linkset: all typed links of a document at once, as a document of their own (RFC 9264).

`/linkset/city/lt-klaipeda` has the links of `/doc/city/lt-klaipeda`, `/linkset/ont/Pledge` those of
`/ont/Pledge`. Whoever answers for a document answers for its linkset, with the same record.
"""

from starlette.requests import Request
from starlette.responses import Response

from kg.mediatypes import MediaType
from kg.web.responses import chosen_type, document
from kg.web.signposts import LINKSET_OFFERED, Record, linkset
from kg.web.site import Site


def linkset_answer(
    site: Site, request: Request, record: Record, fixed: MediaType | None
) -> Response:
    """Return the linkset of a record, negotiated.

    Args:
        site: What is served.
        request: What asked.
        record: A thing and its documents.
        fixed: The media type that the extension of the address says.
    """
    media_type = chosen_type(request, LINKSET_OFFERED, fixed=fixed)
    headers = {"Content-Location": site.path(f"{record.linkset}.{media_type.extension}")}
    made = linkset(record, media_type, site.served.base)
    return document(request, media_type, lambda: made, headers=headers)
