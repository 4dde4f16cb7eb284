"""Where private keys live. The port is three questions; nobody ever gets a private key out of it.

`SealedKeys`, the default, keeps each key in the department's database, encrypted under the current master key from the
settings. An HSM or a KMS takes its place by answering the same three questions.

All signatures are deterministic (RFC 8032, RFC 6979 and its like for SM2): the same words under the same key are the
same bytes.
"""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from shared.contracts.errors import Misconfigured
from shared.department.sealed_key import SealedKey, seal
from shared.department.sm2 import Sm2
from shared.eventstore.database import Pool
from shared.eventstore.master_keys import Masters

Algorithm = Literal["ES256", "EdDSA", "SM2"]
SM2_ID = b"1234567812345678"  # GM/T 0009: the signer's id when none is agreed

ADD = """
insert into sealed_keys (name, algorithm, public_key, sealed, master) values ($1, $2, $3, $4, $5)
on conflict (name) do nothing
"""
PUBLIC = "select algorithm, public_key from sealed_keys where name = $1"
SEALED = "select name, algorithm, sealed, master from sealed_keys where name = $1"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`text`: PEM (SubjectPublicKeyInfo) of an ES256 or EdDSA key; of SM2 the uncompressed point, 130 hex digits."""

    algorithm: Algorithm
    text: str


class KeyStore(Protocol):
    async def make(self, name: str, algorithm: Algorithm) -> PublicKey:
        """The key of this name, made now or before."""
        ...

    async def public(self, name: str) -> PublicKey | None:
        """None: there is no such key."""
        ...

    async def sign(self, name: str, words: bytes) -> bytes:
        """ES256: DER over SHA-256. EdDSA: 64 bytes. SM2: r and s, 32 bytes each, over SM3 with `SM2_ID`.

        Raises KeyError: no such key. Misconfigured: no master key opens it; the message names both.
        """
        ...


class SealedKeys:
    """The default key store."""

    def __init__(self, pool: Pool, masters: Masters) -> None:
        self._pool = pool
        self._masters = masters

    async def make(self, name: str, algorithm: Algorithm) -> PublicKey:
        if known := await self.public(name):
            return known
        private, public = await asyncio.to_thread(_MAKE[algorithm])  # SM2 takes some 10 ms
        key = seal(name, algorithm, private, self._masters()[0])
        await self._pool.execute(ADD, name, algorithm, public, key.sealed, key.master)
        made = await self.public(name)  # another may have been first: his it is
        assert made is not None
        return made

    async def public(self, name: str) -> PublicKey | None:
        row = await self._pool.fetchrow(PUBLIC, name)
        return PublicKey(row["algorithm"], row["public_key"]) if row else None

    async def sign(self, name: str, words: bytes) -> bytes:
        row = await self._pool.fetchrow(SEALED, name)
        if row is None:
            raise KeyError(name)
        key = SealedKey(**row)
        private = key.opened(self._masters())
        if private is None:
            raise Misconfigured(key.trouble)
        return await asyncio.to_thread(_SIGN[key.algorithm], private, words)


def verify_sm2(public_key: str, signature: bytes, words: bytes) -> bool:
    """`signature`: r and s, 32 bytes each. GB/T 32918.2."""
    verifier = Sm2(uid=SM2_ID, pk=bytes.fromhex(public_key))
    return len(signature) == 64 and bool(verifier.verify(words, signature[:32], signature[32:]))


def _pem(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _make_es256() -> tuple[bytes, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_numbers().private_value.to_bytes(32, "big"), _pem(key.public_key())


def _make_eddsa() -> tuple[bytes, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes_raw(), _pem(key.public_key())


def _make_sm2() -> tuple[bytes, str]:
    private, public = Sm2().generate_keypair()
    return private, public.hex()


def _sign_es256(private: bytes, words: bytes) -> bytes:
    key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())
    return key.sign(words, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _sign_eddsa(private: bytes, words: bytes) -> bytes:
    return ed25519.Ed25519PrivateKey.from_private_bytes(private).sign(words)


def _sign_sm2(private: bytes, words: bytes) -> bytes:
    drawn = 0

    def draw(bits: int) -> int:
        """Up to 256 bits: not to be guessed without the key, and never the same for other words."""
        nonlocal drawn
        drawn += 1
        seed = hmac.digest(private, sha256(words).digest() + drawn.to_bytes(4, "big"), sha256)
        return int.from_bytes(seed, "big") >> (256 - bits)

    signer = Sm2(sk=private, uid=SM2_ID, rnd_fn=draw)
    r: bytes
    s: bytes
    r, s = signer.sign(words)
    return r.rjust(32, b"\0") + s.rjust(32, b"\0")


_MAKE: dict[str, Callable[[], tuple[bytes, str]]] = {"ES256": _make_es256, "EdDSA": _make_eddsa, "SM2": _make_sm2}
_SIGN: dict[str, Callable[[bytes, bytes], bytes]] = {"ES256": _sign_es256, "EdDSA": _sign_eddsa, "SM2": _sign_sm2}
