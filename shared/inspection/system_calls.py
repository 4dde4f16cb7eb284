"""Takes away from this process, for good, the system calls that start programs, reach other processes or a network.

A seccomp filter (Linux 3.17 and later) on x86-64 and 64-bit ARM. A list of what is forbidden, not of what is allowed:
what C libraries need changes with their version, and files cannot be opened anyway (see `confinement`).
"""

import ctypes
import platform
import struct
from collections.abc import Mapping
from typing import Final

PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
FILTER_MODE: Final = 2
ALLOW: Final = 0x7FFF0000
NOT_PERMITTED: Final = 0x00050000 | 1  # the call fails with EPERM
KILL: Final = 0x80000000

LOAD: Final = 0x20  # BPF: load a word
EQUAL: Final = 0x15  # BPF: jump if equal
AT_LEAST: Final = 0x35  # BPF: jump if greater or equal
RETURN: Final = 0x06
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
X32: Final = 0x40000000  # the x32 calls of x86-64 bear this bit

FORBIDDEN: Final[Mapping[str, tuple[int, Mapping[str, int]]]] = {
    # as in <asm/unistd_64.h>
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "bind": 49, "listen": 50, "socketpair": 53,
            "accept4": 288, "clone": 56, "fork": 57, "vfork": 58, "clone3": 435, "execve": 59, "execveat": 322,
            "kill": 62, "tkill": 200, "tgkill": 234, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
            "pidfd_open": 434, "pidfd_getfd": 438, "setrlimit": 160, "prlimit64": 302, "unshare": 272, "setns": 308,
            "keyctl": 250, "add_key": 248, "perf_event_open": 298, "bpf": 321, "userfaultfd": 323,
            "io_uring_setup": 425,
        },
    ),
    # as in <asm-generic/unistd.h>
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203,
            "sendto": 206, "accept4": 242, "clone": 220, "clone3": 435, "execve": 221, "execveat": 281,
            "kill": 129, "tkill": 130, "tgkill": 131, "ptrace": 117, "process_vm_readv": 270,
            "process_vm_writev": 271, "pidfd_open": 434, "pidfd_getfd": 438, "setrlimit": 164, "prlimit64": 261,
            "unshare": 97, "setns": 268, "keyctl": 219, "add_key": 217, "perf_event_open": 241, "bpf": 280,
            "userfaultfd": 282, "io_uring_setup": 425,
        },
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forbid() -> bool:
    """Whether the kernel took the filter. It holds until the process ends."""
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in FORBIDDEN:
        return False
    program = _program(*FORBIDDEN[machine])
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    told = _Program(len(program) // 8, program)
    return bool(prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(told), 0, 0) == 0)


def _program(architecture: int, calls: Mapping[str, int]) -> bytes:
    numbers = sorted(calls.values())
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, len(numbers) + 1, 0, X32),
        *((EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, NOT_PERMITTED),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
