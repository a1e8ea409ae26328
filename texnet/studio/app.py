"""The application: its page, its routes, and the walls around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from texnet.studio.api_guide import GuideApi
from texnet.studio.api_paint import PaintApi
from texnet.studio.api_runs import RunsApi
from texnet.studio.api_share import Pages, ShareApi
from texnet.studio.api_sweeps import SweepsApi
from texnet.studio.api_video import VideoApi
from texnet.studio.endpoints import Endpoint
from texnet.studio.error_responses import HANDLERS
from texnet.studio.guard import Guard
from texnet.studio.login import COOKIE, LoginWall
from texnet.studio.studio import Studio

STATIC = Path(__file__).parent / "static"


def build_app(studio: Studio, names: frozenset[str]) -> Starlette:
    """The ASGI application of a studio that is reached under ``names``, the values of Host in lower case."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        studio.start()
        yield
        studio.close()

    apis = (GuideApi(studio), RunsApi(studio), PaintApi(studio), SweepsApi(studio), ShareApi(studio), VideoApi(studio))
    pages: list[BaseRoute] = [
        Route("/", _page("index.html"), methods=["GET"]),
        Route("/login", _page("login.html"), methods=["GET"]),
        Route("/login", studio.login.answer, methods=["POST"]),
        Route("/api/logout", _leave(studio), methods=["POST"]),
        Mount("/api", routes=[route for api in apis for route in api.routes()]),
        Mount("/pages", app=Pages(directory=studio.places.pages, html=True, check_dir=False)),
        Mount("/static", app=StaticFiles(directory=STATIC)),
    ]
    walls = [
        Middleware(Guard, names=names, token=studio.token),
        Middleware(LoginWall, login=studio.login),
    ]
    return Starlette(routes=pages, middleware=walls, exception_handlers=HANDLERS, lifespan=lifespan)


def _page(name: str) -> Endpoint:
    async def page(request: Request) -> Response:
        return FileResponse(STATIC / name, media_type="text/html; charset=utf-8", headers={"cache-control": "no-store"})

    return page


def _leave(studio: Studio) -> Endpoint:
    async def leave(request: Request) -> Response:
        studio.login.leave(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return leave
