"""The file that a department's ledger keys lie in: private keys in PEM form, the present one last, and statements.

A rotation only adds to the file: what it holds is never at risk, and whoever has mounted it sees what came. What is
not whole at its end is passed over. An earlier private key may be taken out once its successor signs; the statements
stay, so that a database that was restored learns from them which key signs.
"""

import os
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

LARGEST = 1024 * 1024  # bytes
STATEMENT = "TONGBAN LEDGER KEY STATEMENT"
_BLOCK = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----\n(?P<body>[A-Za-z0-9+/=\n]+)-----END (?P=label)-----", re.A)


class NoKeys(ValueError):
    """The message says what is wrong with the file, and nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """`private`: the present key is the last one."""

    private: tuple[Ed25519PrivateKey, ...]
    statements: tuple[str, ...] = ()


def read(path: Path) -> HeldKeys:
    """Raises NoKeys."""
    try:
        if path.stat().st_size > LARGEST:
            raise NoKeys("this file is too large to hold keys")
        text = path.read_text("ascii").replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        raise error if isinstance(error, NoKeys) else _unread() from None
    private: list[Ed25519PrivateKey] = []
    statements: list[str] = []
    for block in _BLOCK.finditer(text):
        if block["label"] == STATEMENT:
            statements.append(_statement(block["body"]))
        elif block["label"].endswith("PRIVATE KEY"):
            private.append(_private(block[0]))
    if not private:
        raise _unread()
    return HeldKeys(tuple(private), tuple(statements))


def pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def block(statement: str) -> str:
    body = b64encode(statement.encode()).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {STATEMENT}-----", *lines, f"-----END {STATEMENT}-----", ""])


def add(path: Path, text: str) -> int:
    """Add to the end, and be sure that it is on disk. Returns how long the file was. Raises OSError."""
    before = path.stat().st_size
    with path.open("ab") as file:
        file.write(f"\n{text}".encode())
        file.flush()
        os.fsync(file.fileno())
    return before


def _unread() -> NoKeys:
    return NoKeys("this file cannot be read as a private key in PEM form")


def _private(text: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _unread() from None
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKeys("this file holds no Ed25519 private key")
    return key


def _statement(body: str) -> str:
    try:
        return b64decode(body.replace("\n", ""), validate=True).decode()
    except (NotBase64, ValueError):
        raise NoKeys("this file holds a statement that cannot be read") from None
