"""A small disk for PostgreSQL, and filling it up."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.fault import NotHere

SIZE = "400m"


@contextmanager
def small(directory: Path, size: str = SIZE) -> Iterator[None]:
    """A file system of its own at `directory`, in memory. Raises NotHere where it cannot be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise NotHere("only root on Linux may mount a small disk")
    directory.mkdir(mode=0o700, parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tongban-small", directory],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        raise NotHere(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", directory], check=True)


@contextmanager
def filled(directory: Path) -> Iterator[None]:
    """Not a byte is left on the disk of `directory` inside."""
    ballast = directory / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                chunk = bytes(size)
                try:
                    while True:
                        file.write(chunk)
                except OSError:
                    continue
        yield
    finally:
        ballast.unlink(missing_ok=True)
