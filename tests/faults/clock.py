"""A department whose wall clock jumps, as a mended NTP or a restored virtual machine makes it jump."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.faults.fault import NotHere

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """`environment` is for a process to be started; `set` makes its clock jump while it runs."""

    def __init__(self, directory: Path) -> None:
        """Raises NotHere without a C compiler: nothing else can stand between a process and the time of day."""
        compiler = shutil.which("cc")
        if compiler is None:
            raise NotHere("no C compiler for a clock that jumps")
        self._offset = directory / "clock-offset"
        self._library = directory / "clock.so"
        self.set(0)
        built = subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-o", self._library, SOURCE],
            capture_output=True,
            text=True,
            check=False,
        )
        if built.returncode:
            raise NotHere(f"the clock that jumps cannot be built here: {built.stderr[:200]}")

    @property
    def environment(self) -> Mapping[str, str]:
        return {"LD_PRELOAD": str(self._library), "CLOCK_OFFSET_FILE": str(self._offset)}

    def set(self, seconds: int) -> None:
        """In place: the processes have the file mapped."""
        with self._offset.open("r+b" if self._offset.exists() else "w+b") as file:
            file.write(struct.pack("=q", seconds))
