"""The master keys that private keys are encrypted under: 32 random bytes each, in base64, in one file.

The first is the current one; those after it still open what is not encrypted anew yet (`tongban rekey`).
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.contracts.errors import Away

BYTES = 32
ID_LENGTH = 16  # hexadecimal digits: tells keys apart, and tells nothing of them


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    secret: bytes

    @property
    def id(self) -> str:
        return sha256(b"tongban master key\n" + self.secret).hexdigest()[:ID_LENGTH]

    def sealed(self, private: bytes, nonce: bytes, bound: bytes) -> bytes:
        """`bound`: it opens together with this only."""
        return nonce + AESGCM(self.secret).encrypt(nonce, private, bound)

    def opened(self, sealed: bytes, bound: bytes) -> bytes | None:
        """None: it was sealed under another key, or bound to something else."""
        try:
            return AESGCM(self.secret).decrypt(sealed[:12], sealed[12:], bound)
        except (InvalidTag, ValueError):  # ValueError: too short to be any
            return None


Masters = Callable[[], Sequence[MasterKey]]
"""Asked whenever one is needed, so that a change of the file needs no restart. The first is the current one."""


def read(path: Path) -> Sequence[MasterKey]:
    """Raises ValueError unless the file holds a master key, or several in words or lines of their own."""
    try:
        keys = [base64.b64decode(word, validate=True) for word in path.read_text("ascii").split()]
    except (OSError, UnicodeDecodeError, binascii.Error):
        raise ValueError("this file cannot be read as keys in base64") from None
    if not keys or any(len(key) != BYTES for key in keys):
        raise ValueError(f"this file does not hold {BYTES} bytes in base64, or several times as many, one a line")
    return [MasterKey(key) for key in keys]


def of_file(path: Path) -> Masters:
    """The keys that a file holds when asked. Asking raises Away when it holds none."""

    def masters() -> Sequence[MasterKey]:
        try:
            return read(path)
        except ValueError as problem:
            raise Away(f"KEY_MASTER_FILE is wrong: {problem}.") from None

    return masters
