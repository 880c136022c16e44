"""What macOS offers: a profile under which a program is started."""

from __future__ import annotations

from pathlib import Path

__all__ = ["profile_there", "start_under_profile"]

_SANDBOX = Path("/usr/bin/sandbox-exec")
_PROFILE = """(version 1)
(allow default)
(deny network*)
(deny file-write*)
(allow file-write* (subpath (param "WRITABLE")) (literal "/dev/null"))
"""


def profile_there() -> bool:
    """Whether the system has the tool that starts a program under a profile."""
    return _SANDBOX.exists()


def start_under_profile(command: list[str], writable: Path) -> list[str]:
    """The command under a profile without network and without writing outside one folder.

    Returns
    -------
    list of str
        The command as it is where the system has no such tool.
    """
    if not profile_there():
        return command
    return [str(_SANDBOX), "-D", f"WRITABLE={writable.resolve()}", "-p", _PROFILE, *command]
