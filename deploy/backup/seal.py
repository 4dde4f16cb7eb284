"""Encrypts and decrypts streams and files with age. Nothing is held in memory but a piece.

age finds an altered byte and a missing end. It does not say who encrypted: whoever has a public key can.
"""

import hashlib
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tarfile import TarError
from typing import BinaryIO, Protocol

import pyrage

from deploy.backup.keys import Identities, Recipients
from deploy.runner.errors import StackError

PIECE = 1024 * 1024  # bytes read at once
DAMAGED = "is damaged: it was altered, or its end is missing"


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Writable(Protocol):
    def write(self, piece: bytes, /) -> int | None: ...


class _Source:
    """Keeps the error that pyrage tells in its own words."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.error: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except OSError as error:
            self.error = error
            raise


class _Target:
    """The same; and the SHA-256 of what was written."""

    def __init__(self, target: Writable) -> None:
        self._target = target
        self.error: OSError | None = None
        self.hash = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        try:
            self._target.write(piece)
        except OSError as error:
            self.error = error
            raise
        self.hash.update(piece)
        return len(piece)

    def flush(self) -> None:
        """The file's owner flushes it."""


def encrypt(source: Readable, target: Writable, recipients: Recipients) -> str:
    """The SHA-256 of what was written, in hexadecimal. Raises OSError."""
    reader, writer = _Source(source), _Target(target)
    try:
        pyrage.encrypt_io(reader, writer, recipients.keys())
    except (pyrage.EncryptError, OSError) as error:
        raise reader.error or writer.error or OSError(str(error)) from None
    return writer.hash.hexdigest()


def decrypt(sealed: Path, target: Writable, identities: Identities) -> None:
    """StackError: it is for another key, or damaged; part of it may be written then. Raises OSError."""
    writer = _Target(target)
    with sealed.open("rb") as file:
        source = _Source(file)
        try:
            pyrage.decrypt_io(source, writer, identities.keys())
        except (pyrage.DecryptError, OSError) as error:
            if own := source.error or writer.error:
                raise own from None
            if "No matching keys" in str(error):
                raise StackError(
                    f"{sealed} is encrypted for none of the keys in {identities.source}: add the one that was in use "
                    "then, on a line of its own"
                ) from None
            raise StackError(f"{sealed} {DAMAGED}") from None


def write_sealed(source: Readable, target: Path, recipients: Recipients) -> str:
    """A file that appears whole and durable, or not at all; what was there is replaced. As `encrypt`."""
    draft = draft_of(target)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            sum = encrypt(source, file, recipients)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(target)
    fsync_folder(target.parent)
    return sum


def payload_size(sealed: Path) -> int:
    """Bytes behind the header, whose length is not always the same. Grows with what is encrypted. Raises OSError."""
    with sealed.open("rb") as file:
        for line in file:  # ends with the header
            if line.startswith(b"--- "):
                break
        return sealed.stat().st_size - file.tell()


def draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opened(sealed: Path, identities: Identities) -> Iterator[BinaryIO]:
    """Its content, to be read once from the beginning; a whole reading proves it genuine. StackError as `decrypt`."""
    reader, writer = os.pipe()

    def work() -> None:
        with os.fdopen(writer, "wb") as target:
            decrypt(sealed, target, identities)

    with ThreadPoolExecutor(1, "decrypt") as pool:
        done = pool.submit(work)
        try:
            with os.fdopen(reader, "rb") as stream:
                yield stream
                while stream.read(PIECE):  # to the end, which age has to see
                    pass
        except (OSError, EOFError, TarError, zlib.error):
            if isinstance(cause := done.exception(), StackError):  # of which this is the consequence
                raise cause from None
            raise
        done.result()
