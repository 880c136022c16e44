"""Vector tiles of every collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

if TYPE_CHECKING:
    from api.asked.ask import Ask

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()


def describe_paths(_ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    return {}
