"""JSON values with arrays in them, as one run of bytes that a browser reads without copying.

::

    "PGP1" · length of the head (uint32) · head (JSON, UTF-8) · arrays, each at a multiple of eight bytes

All numbers are little-endian. In the head an array stands as ``{"$": [type, at, length]}``, a list of texts as
``{"$t": [array of ends, array of bytes]}``: texts by the hundred thousand are read one by one as they are shown. A page that has to be one
file carries the bytes packed with gzip and written in base64.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Texts", "embed", "pack"]

_MAGIC = b"PGP1"
_ALIGNED = 8
_TYPES = {
    "int8": "i1",
    "uint8": "u1",
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "float32": "f4",
    "float64": "f8",
}


class Texts:
    """Many texts as one run of bytes, to be packed.

    Parameters
    ----------
    texts
        In their order; a text that is missing belongs into a column of places, not here.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        # What is no valid Unicode (half a pair, from a damaged file) shows as a mark of its own and breaks nothing.
        parts = [text.encode("utf-8", "replace") for text in texts]
        self.ends = np.cumsum([len(part) for part in parts], dtype=np.uint32)
        self.bytes = np.frombuffer(b"".join(parts), dtype=np.uint8)


def pack(value: Any) -> bytes:
    r"""A JSON value with numpy arrays and `Texts` in it as bytes.

    Raises
    ------
    TypeError
        An array of a type that browsers have no array for.
    ValueError
        A number in the JSON part that is not finite; in arrays NaN is a missing value.

    Examples
    --------
    >>> pack({"a": np.array([1.5, np.nan], dtype=np.float32)})[:40]
    b'PGP1\x18\x00\x00\x00{"a":{"$":["f4",0,2]}}  \x00\x00\xc0?\x00\x00\xc0\x7f'
    """
    arrays: list[bytes] = []
    at = 0

    def place(array: np.ndarray[Any, Any]) -> dict[str, Any]:
        nonlocal at
        kind = _TYPES.get(array.dtype.name)
        if kind is None:
            raise TypeError(f"no array of {array.dtype.name} in a browser")
        content = np.ascontiguousarray(array).astype(f"<{kind}", copy=False).tobytes()
        content += bytes(-len(content) % _ALIGNED)
        arrays.append(content)
        reference = {"$": [kind, at, array.size]}
        at += len(content)
        return reference

    def plain(part: Any) -> Any:
        if isinstance(part, np.ndarray):
            return place(part)
        if isinstance(part, Texts):
            return {"$t": [place(part.ends), place(part.bytes)]}
        if isinstance(part, dict):
            return {key: plain(item) for key, item in part.items()}
        if isinstance(part, list | tuple):
            return [plain(item) for item in part]
        return part

    head = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )
    head += b" " * (-(len(head)) % _ALIGNED)
    return b"".join((_MAGIC, len(head).to_bytes(4, "little"), head, *arrays))


def embed(packed: bytes) -> str:
    """The bytes as text that can stand inside a script element; the same bytes give the same text."""
    return base64.b64encode(gzip.compress(packed, compresslevel=6, mtime=0)).decode("ascii")
