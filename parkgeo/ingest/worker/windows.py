"""What Windows offers: a job object that caps a process's memory, keeps it alone and ends it with its parent.

Structures and numbers: ``winnt.h``, JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
"""

from __future__ import annotations

import ctypes
from typing import Any

__all__ = ["hold_in_job"]

_PROCESS_MEMORY, _ACTIVE_PROCESSES, _NO_ERROR_WINDOW, _ENDS_WITH_ITS_HANDLE = 0x100, 0x8, 0x400, 0x2000
_EXTENDED_LIMITS = 9


class _Basic(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64), ("PerJobUserTimeLimit", ctypes.c_int64), ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t), ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32), ("Affinity", ctypes.c_size_t), ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )  # fmt: skip


class _Extended(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _Basic), ("IoInfo", ctypes.c_uint64 * 6), ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t), ("PeakProcessMemoryUsed", ctypes.c_size_t), ("PeakJobMemoryUsed", ctypes.c_size_t),
    )  # fmt: skip


def hold_in_job(process_handle: int, memory_bytes: int) -> int:
    """Put a process into a job of its own.

    Parameters
    ----------
    process_handle
        Of the process, as the parent has it.
    memory_bytes
        The most that it may commit.

    Returns
    -------
    int
        The job's handle: the process ends when it is closed. 0 where the system refused.
    """
    kernel: Any = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 - it is there on Windows only
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    if not job:
        return 0
    limits = _Extended()
    limits.BasicLimitInformation.LimitFlags = (
        _PROCESS_MEMORY | _ACTIVE_PROCESSES | _NO_ERROR_WINDOW | _ENDS_WITH_ITS_HANDLE
    )
    limits.BasicLimitInformation.ActiveProcessLimit = 1
    limits.ProcessMemoryLimit = memory_bytes
    handle = ctypes.c_void_p(job)
    held = kernel.SetInformationJobObject(
        handle, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
    ) and kernel.AssignProcessToJobObject(handle, ctypes.c_void_p(process_handle))
    return int(job) if held else 0
