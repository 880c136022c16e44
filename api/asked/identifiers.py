"""Ids in addresses: users' text, with slashes, Chinese letters and, in the worst case, line breaks."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor

__all__ = ["ANY_TEXT"]

ANY_TEXT = "anytext"
"""Name under which routes ask for all that follows in the path: ``/parcels/{parcel_id:anytext}``."""


class _AnyText(Convertor[str]):
    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor(ANY_TEXT, _AnyText())
