"""Figures for Prometheus."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.params import read_parameters
from api.described.operations import operation
from api.errors import ForbiddenError
from api.guard.metrics import EXPOSITION
from parkgeo.i18n import say

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.asked.visit import Caller
    from api.service import Service

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()


@ROUTER.api_route("/metrics", methods=["GET", "HEAD"])
async def show_metrics(request: Request) -> Response:
    """Requests, seconds, bytes, snapshot and jobs, as Prometheus reads them."""
    read_parameters(request, ())
    service: Service = request.app.state.parkgeo
    caller: Caller | None = request.scope.get("parkgeo.caller")
    # They are asked for before anything was published, too, so this needs no snapshot.
    if caller is not None and caller.parks is not None:
        raise ForbiddenError("this key is bound to some parks, and these figures are of all of them")
    if service.metrics is None:
        return Response(b"", media_type=EXPOSITION)
    return Response(
        service.metrics.written(), headers={"Content-Type": EXPOSITION, "Cache-Control": "no-store"}
    )


def describe_paths(ask: "Ask") -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    summary = say("Figures of the service, for Prometheus", ask.lang)
    content = {"text/plain": {"schema": {"type": "string"}, "example": "parkgeo_requests_total 1.0"}}
    return {"/metrics": operation("metrics", "health", summary, [], content)}
