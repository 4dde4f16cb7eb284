"""Passwords as the broker keeps them: hashes, so that the generated file holds no secret."""

import base64
import hashlib
from collections.abc import Callable

import bcrypt

from shared.contracts.errors import Misconfigured

COST = b"04"
"""The lowest there is. Passwords here are random, of 192 bits and more: slow hashing protects only what can be guessed,
and a dear one would let strangers keep the broker busy by logging in."""

LONGEST = 72  # bytes; bcrypt does not look at more
SHORTEST = 24

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ALPHABET = bytes.maketrans(_STANDARD, _BCRYPT)


def hashing(password: Callable[[str], str]) -> Callable[[str], str]:
    """The hash of a login's password, which `password` tells. Misconfigured: it is too short or too long."""

    def hashed(login: str) -> str:
        secret = password(login).encode()
        if not SHORTEST <= len(secret) <= LONGEST:
            raise Misconfigured(
                f"the broker's password of {login} has {len(secret)} bytes; make one of 32 to {LONGEST}"
            )
        return bcrypt.hashpw(secret, _salt(login, secret)).decode("ascii")

    return hashed


def _salt(login: str, secret: bytes) -> bytes:
    """It follows from both, so the file changes only when something in it does. A salt keeps equal passwords apart, and
    random ones are never equal; the digest tells nothing of a secret of 192 bits."""
    digest = hashlib.sha256(b"tongban broker login\0" + login.encode() + b"\0" + secret).digest()[:16]
    return b"$2a$" + COST + b"$" + base64.b64encode(digest).rstrip(b"=").translate(_ALPHABET)
