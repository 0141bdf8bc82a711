"""The JSON-LD context: /context.jsonld, and under the version of its content.

What stands at the address of a version never changes, but only the version that is served now has
an answer: documents carry the part of the context that they use, so that no old one is needed to
read them.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import JSON_LD
from kg.query.protocol import ProtocolError
from kg.web.responses import document
from kg.web.signposts import Sign, header
from kg.web.site import Site


def routes(site: Site) -> list[Route]:
    """Return the routes of the context, which is made now: workers share it."""
    terms = site.terms
    versioned = f"/context/{terms.version}.jsonld"

    async def current(request: Request) -> Response:
        links = header([Sign("latest-version", versioned, JSON_LD.name)], site.mount)
        return document(request, JSON_LD, terms.body, headers={"Link": links})

    async def version(request: Request) -> Response:
        wanted = request.path_params["version"]
        if wanted != terms.version:
            detail = (
                f"version {wanted} of the context is not served here, only {terms.version}; each "
                "document holds the part of the context that it was written with"
            )
            raise ProtocolError(404, "Not found", detail)
        return document(request, JSON_LD, terms.body)

    return [
        Route("/context.jsonld", current),
        Route("/context/{version}.jsonld", version),
    ]
