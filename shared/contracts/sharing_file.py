"""The data-sharing catalogue while it may change: read anew when its file does."""

import os
from collections.abc import Iterable
from pathlib import Path

import structlog

from shared.contracts.errors import Misconfigured
from shared.contracts.feed import Contract
from shared.contracts.sharing import Catalogue, read_catalogue

log = structlog.get_logger(__name__)


class SharingFile:
    """`catalogue` is the last that could be read. Raises Misconfigured when the first cannot."""

    def __init__(self, path: Path, contracts: Iterable[Contract]) -> None:
        self._path = path
        self._contracts = tuple(contracts)
        self._seen = self._mark()
        self.catalogue = read_catalogue(path, self._contracts)
        self.trouble: str | None = None  # why the file as it is now is not followed, if it is not

    def look(self) -> Catalogue:
        """The catalogue, read anew if its file is another than at the last look."""
        mark = self._mark()
        if mark == self._seen:
            return self.catalogue
        self._seen = mark
        try:
            self.catalogue = read_catalogue(self._path, self._contracts)
        except Misconfigured as error:
            self.trouble = str(error)
            log.error("the sharing catalogue cannot be followed", error=self.trouble)  # noqa: TRY400 - it says all
        else:
            self.trouble = None
            log.info("the sharing catalogue is another", remarks=list(self.catalogue.remarks))
        return self.catalogue

    def _mark(self) -> tuple[int, int, int] | None:
        """A mark that changes with the file, also when another one takes its place. None: there is none just now."""
        try:
            status = os.stat(self._path)  # noqa: PTH116 - follows a symbolic link, as mounted configurations are
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
