"""Numbers as protocol buffers write them, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["framed", "varint", "varint_sizes", "varints", "within_runs", "zigzag"]


def varint(number: int) -> bytes:
    """One number, seven bits a byte, the lowest first.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def framed(tag: int, body: bytes) -> bytes:
    """A field of bytes: its tag, how many, and they."""
    return varint(tag) + varint(len(body)) + body


def zigzag(numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Signed numbers as unsigned ones, small for small of either sign.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def varint_sizes(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Bytes that each number takes."""
    sizes = np.ones(len(numbers), dtype=np.int64)
    places = np.flatnonzero(numbers > np.uint64(0x7F))
    left = numbers[places] >> np.uint64(7)
    while len(places):
        sizes[places] += 1
        longer = left > np.uint64(0x7F)
        places, left = places[longer], left[longer] >> np.uint64(7)
    return sizes


def varints(numbers: NDArray[np.uint64]) -> bytes:
    """Many numbers, one after the other.

    Examples
    --------
    >>> varints(np.array([1, 300], dtype=np.uint64)).hex()
    '01ac02'
    """
    if not len(numbers):
        return b""
    sizes = varint_sizes(numbers)
    ends = np.cumsum(sizes)
    out = np.empty(int(ends[-1]), dtype=np.uint8)
    at, left = ends - sizes, numbers
    while len(at):
        # Of most numbers nothing is left after the first byte, of nearly all after the second.
        out[at] = left.astype(np.uint8) & np.uint8(0x7F)
        longer = np.flatnonzero(left > np.uint64(0x7F))
        out[at[longer]] |= np.uint8(0x80)
        at, left = at[longer] + 1, left[longer] >> np.uint64(7)
    return out.tobytes()


def within_runs(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 … again for each run.

    Examples
    --------
    >>> within_runs(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    starts = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(starts, counts)
