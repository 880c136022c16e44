"""What Linux offers a process that gives up rights of its own: Landlock for files, seccomp for system calls.

Both need no privilege and cannot be taken back. Neither has a place in Python's standard library, so the system calls are
made through ctypes. Numbers and structures: the kernel's ``uapi/linux/landlock.h``, ``seccomp.h``, ``filter.h`` and the
tables of system calls for x86-64 and arm64.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["only_these_files", "without_network_and_programs"]

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2

# Landlock has the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_EVERY_RIGHT_OF_VERSION_1 = (1 << 13) - 1
_TRUNCATE = 1 << 14  # since version 3
_TRUNCATE_SINCE = 3
_READ = _READ_FILE | _READ_FOLDER
# Neither links nor pipes nor devices: the parent opens what it finds there.
_WRITE = _READ | _WRITE_FILE | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _TRUNCATE
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

# (audit architecture, system calls to refuse: socket, connect, execve, execveat, ptrace, io_uring_setup, process_vm_writev)
_MACHINES = {
    "x86_64": (0xC000_003E, (41, 42, 59, 322, 101, 425, 311)),
    "aarch64": (0xC000_00B7, (198, 203, 221, 281, 117, 425, 271)),
}
_X32_BIT = 0x4000_0000
_ALLOW, _REFUSE, _KILL = 0x7FFF_0000, 0x0005_0001, 0x8000_0000  # refuse: EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _give_up_new_privileges(libc: ctypes.CDLL) -> bool:
    return bool(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0)


def without_network_and_programs() -> bool:
    """Refuse sockets, other programs and other processes' memory from now on; whether the system took it on."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    architecture, refused = machine
    # Jumps count the instructions to skip when the comparison holds and when it does not.
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, len(refused) + 1, 0, _X32_BIT),
        *((_EQUAL, len(refused) - at, 0, number) for at, number in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("=HBBI", *one) for one in instructions)
    libc = _libc()
    program = _Program(len(instructions), code)
    return _give_up_new_privileges(libc) and (
        libc.prctl(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(program), 0, 0) == 0
    )


def only_these_files(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Refuse every file outside these folders from now on; whether the system took it on.

    Parameters
    ----------
    readable
        Folders and files that may be read; what is not there is passed over.
    writable
        Folders in which files may be made, written, read and removed.
    """
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    handled = _EVERY_RIGHT_OF_VERSION_1 | (_TRUNCATE if version >= _TRUNCATE_SINCE else 0)
    attributes = struct.pack("=Q", handled)
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        allowed = [*((path, _READ) for path in readable), *((path, handled & _WRITE) for path in writable)]
        if not all(_allow(libc, rules, path, rights) for path, rights in allowed if path.exists()):
            return False
        return _give_up_new_privileges(libc) and libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> bool:
    if not path.is_dir():
        rights &= _OF_FILES
    # O_PATH stands in the module on Linux only.
    place = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, place)
        return bool(libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(place)
