"""A folder of secrets, one a file: nobody but its owner enters it, and containers read what is mounted into them.

Docker mounts a file with the owner, the group and the mode it has here. Containers run as users of their own, none of
them root, and have one group in addition: the group of these files. So the folder keeps other people of this machine
out, and the group lets in whoever a file is mounted for.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.private_file import write_private

FOLDER_MODE = 0o700
OPEN_FOLDER_MODE = 0o750  # mounted as a whole
FILE_MODE = 0o640
CONTAINERS = 10001  # user and group of most of them


def own_group() -> int:
    """The containers' group where we are root; else ours, for only root can give files away."""
    return CONTAINERS if os.geteuid() == 0 else os.getegid()


class SecretFolder:
    """Secrets made once stay as they are."""

    def __init__(self, path: Path, group: int, given: Callable[[str], bytes | None] = lambda _: None) -> None:
        """`given`: what a secret was until now, where it stood elsewhere."""
        self.path = path
        self.group = group
        self.made: list[str] = []
        self._given = given

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make it if it is not there; two at once take turns. Permissions are set right at the end."""
        self.path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.fchmod(descriptor, FOLDER_MODE)
            yield
            self._set_permissions()
        finally:
            os.close(descriptor)

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def need(self, name: str, make: Callable[[], bytes]) -> None:
        """Have this secret made unless it is there, or was given elsewhere."""
        if self.has(name):
            return
        given = self._given(name)
        self.replace(name, make() if given is None else given)
        self.made.append(name)

    def replace(self, name: str, content: bytes) -> None:
        """The file appears complete. Of what follows from other files; nothing is lost with it."""
        path = self.path / name
        path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
        write_private(path, content)

    def _set_permissions(self) -> None:
        for path in self.path.rglob("*"):
            os.chown(path, -1, self.group)
            path.chmod(OPEN_FOLDER_MODE if path.is_dir() else FILE_MODE)
