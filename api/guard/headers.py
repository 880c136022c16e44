"""Headers of every response, which forbid what no answer of this service needs."""

from __future__ import annotations

__all__ = ["HEADERS", "guard_headers"]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def guard_headers() -> dict[str, str]:
    """The headers of a response that states none of its own."""
    return dict(HEADERS)
