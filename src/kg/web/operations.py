"""What operators ask: is it alive, is it ready, how is it doing."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from kg.web.front import Front

OPERATIONS: Final = ("/healthz", "/readyz", "/static/")
_STATIC: Final = Path(__file__).parent / "static"


def operations(front: "Front") -> FastAPI:
    """Return the application for operators."""
    app = FastAPI(
        title="Knowledge graph",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )

    @app.get("/healthz")
    async def health() -> PlainTextResponse:
        deployment = front.deployment
        text = f"ok {deployment.version} {deployment.snapshot_id}\n"
        return PlainTextResponse(text, headers={"Cache-Control": "no-store"})

    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    return app
