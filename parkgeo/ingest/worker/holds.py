"""The limits on a child, what each is for, and the part of them that the child applies to itself."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HOLDS", "Bounds", "hold_resources", "hold_rights"]

HOLDS: dict[str, Sentence] = {
    "drivers": sentence("only the readers of the allowed formats are loaded"),
    "copies": sentence("files are read from read-only copies"),
    "time": sentence("a file that takes too long is given up"),
    "memory": sentence("memory is limited"),
    "file_size": sentence("the size of files it may write is limited"),
    "files": sentence("no other file can be read or written"),
    "writing": sentence("nothing can be written outside its own folder"),
    "network": sentence("no network"),
    "programs": sentence("no other program can be started"),
}
"""Limit → what it says. Which of them hold depends on the system; the account names both kinds."""

_AUDITED = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/meminfo", "/proc/cpuinfo",
                   "/sys/devices/system/cpu", "/dev/null", "/dev/urandom")  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """How much a child may use.

    Attributes
    ----------
    memory_bytes
        Address space on Linux, committed memory on Windows.
    written_bytes
        Size of a file it writes.
    job_s
        Seconds for one file, of any size.
    job_s_per_gb
        Further seconds for each gigabyte of it.
    """

    memory_bytes: int = 6 << 30
    written_bytes: int = 8 << 30
    job_s: float = 30.0
    job_s_per_gb: float = 120.0

    def as_dict(self) -> dict[str, float]:
        """As plain numbers, to be handed to a child."""
        return asdict(self)


def hold_resources(bounds: Bounds) -> set[str]:
    """Cap memory and file size of this process; which of the two the system took on."""
    if os.name == "nt":
        return set()  # the parent holds it in a job object
    import resource

    held = set()
    wanted = {
        "memory": (resource.RLIMIT_AS, bounds.memory_bytes),
        "file_size": (resource.RLIMIT_FSIZE, bounds.written_bytes),
        "core": (resource.RLIMIT_CORE, 0),
    }
    for name, (what, most) in wanted.items():
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):  # macOS refuses some; the account then says so
            continue
        held.add(name)
    # macOS takes the cap on address space and does not keep to it.
    return (held - {"core"}) - ({"memory"} if sys.platform == "darwin" else set())


def hold_rights(readable: Iterable[Path], writable: Path) -> set[str]:
    """Give up files, network and programs for good; which of them the system took on.

    Parameters
    ----------
    readable
        Further folders to read from, beside Python's own and the system's libraries.
    writable
        The one folder to write to.
    """
    sys.addaudithook(_refuse)
    if not sys.platform.startswith("linux"):
        return set()
    from parkgeo.ingest.worker.linux import only_these_files, without_network_and_programs

    held = set()
    if only_these_files([*_folders_of_programs(), *readable], [writable]):
        held |= {"files", "writing"}
    if without_network_and_programs():
        held |= {"network", "programs"}
    return held


def _folders_of_programs() -> list[Path]:
    """Where Python, its packages and the system's libraries are; other places on Python's path may be the user's."""
    packages = [place for place in sys.path if Path(place).name in _PACKAGE_FOLDERS]
    own = str(Path(__file__).parents[2])
    return [Path(place) for place in sorted({sys.prefix, sys.base_prefix, own, *packages, *_SYSTEM_FOLDERS})]


def _refuse(event: str, _: tuple[object, ...]) -> None:
    """Python's own ways to the network and to other programs, on every system; libraries in C pass it by."""
    if event in _AUDITED:
        raise PermissionError(f"{event} is not allowed while users' files are read")
