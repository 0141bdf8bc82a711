"""The JSON-LD context: /context.jsonld, and for good under the version of its content."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import JSON_LD
from kg.web.responses import document, not_found
from kg.web.signposts import Sign, header
from kg.web.site import Site

FOR_GOOD = "public, max-age=31536000, immutable"


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
            raise not_found(f"version {wanted} of the context")
        return document(request, JSON_LD, terms.body, headers={"Cache-Control": FOR_GOOD})

    return [
        Route("/context.jsonld", current),
        Route("/context/{version}.jsonld", version),
    ]
