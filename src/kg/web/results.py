"""What the SPARQL endpoint says of itself to who asks nothing.

The front answers queries (`kg.web.sparql`) and leads browsers to the workbench; the description
takes the snapshot, so it is made here, in a worker.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import RDF_TYPES, with_aliases
from kg.web.responses import chosen_type, document
from kg.web.service_description import service_description
from kg.web.site import Site


def routes(site: Site) -> list[Route]:
    """Return the route of the service description."""

    async def sparql(request: Request) -> Response:
        media_type = chosen_type(request, with_aliases(RDF_TYPES))
        return document(request, media_type, lambda: service_description(site, media_type))

    return [Route("/sparql", sparql, methods=["GET", "POST", "QUERY"])]
