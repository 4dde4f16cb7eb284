"""The department as issuer of credentials: what it signs, and what others check it with."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from services.certificates.credential.jws import REVOKED, Keys, compact, encode, public_keys, signing_input, to_json
from services.certificates.credential.sd_jwt import Salt
from services.certificates.domain.issuer_key import (
    ISSUER_KEY,
    STREAM,
    Command,
    ConfirmWithdrawal,
    IssuerKeyPublished,
    IssuerKeyWithdrawn,
    PublishIssuerKey,
    State,
    key_at,
)
from shared.contracts.errors import Broken
from shared.department.key_store import KeyStore
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store, repeated

SALTS = "credential-salts"  # in the key store; its public key is shown to nobody
KID_LENGTH = 16  # characters of the RFC 7638 thumbprint: short, for it stands in every QR code


@dataclass(frozen=True, slots=True)
class CredentialIssuer:
    """`url` is its name in credentials, and where its keys and status lists are fetched."""

    store: Store
    keys: KeyStore
    url: str

    async def sign(self, typ: str, claims: Mapping[str, Any], at: datetime) -> str:
        """A compact JWS by the key in force at a moment: the same again whenever it is asked for.

        Raises what the key store and the store raise.
        """
        key = key_at(await self._known(at), at)
        signed = signing_input(typ, key.kid, claims)
        return compact(signed, await self.keys.sign(key.name, signed.encode()))

    async def jwks(self, now: datetime) -> dict[str, Any]:
        """All keys there have been (RFC 7517), since what they signed stays good; apart those that were withdrawn."""
        state = await self._known(now)
        trusted = [_jwk(key) for key in state.published if key.kid not in state.withdrawn]
        revoked = [
            _jwk(key) | {"revoked": _revoked(state.withdrawn[key.kid])}
            for key in state.published
            if key.kid in state.withdrawn
        ]
        return {"keys": trusted, REVOKED: revoked}

    async def public_keys(self, now: datetime) -> Keys:
        return public_keys(await self.jwks(now))

    async def renew(self, now: datetime, context: Context) -> Done[State]:
        """A new key takes over; told twice under one key of idempotency, it is one new key."""
        loaded = await self.store.load(STREAM, ISSUER_KEY)
        return repeated(loaded, context) or await self._publish(len(loaded.state.published) + 1, now, context)

    async def withdraw(self, kid: str, by: UUID, now: datetime, context: Context) -> Done[State]:
        """Confirm what another proposed. The key in force has a successor in the same moment."""
        number = len((await self._known(now)).published) + 1
        return await self.decide(ConfirmWithdrawal(kid, by, now, await self._made(number, now)), context)

    async def decide(self, command: Command, context: Context) -> Done[State]:
        return await self.store.execute(STREAM, ISSUER_KEY, command, context)

    async def known(self) -> State:
        """The keys there are."""
        return (await self.store.stand(STREAM, ISSUER_KEY)).state

    async def salt(self, certificate: UUID) -> Salt:
        """Salts that follow from the certificate, so that its credential is always the same.

        They rest on a signature that only our key store can make: deterministic, and never told to anyone.
        """
        await self.keys.make(SALTS, "EdDSA")
        secret = await self.keys.sign(SALTS, b"salts of " + certificate.bytes)
        return lambda path: encode(hmac.digest(secret, path.encode(), "sha256")[:16])

    async def _known(self, now: datetime) -> State:
        """As `known`; the first is made when it is needed."""
        known = await self.known()
        return known if known.published else (await self._publish(1, now, Context())).state

    async def _publish(self, number: int, now: datetime, context: Context) -> Done[State]:
        return await self.decide(await self._made(number, now), context)

    async def _made(self, number: int, now: datetime) -> PublishIssuerKey:
        """Two at once make the same key: its name follows from its number."""
        name = f"credential-issuer-{number}"
        public = load_pem_public_key((await self.keys.make(name, "EdDSA")).text.encode())
        if not isinstance(public, Ed25519PublicKey):
            raise Broken(f"key {name} is no Ed25519 key")
        x = encode(public.public_bytes_raw())
        return PublishIssuerKey(kid_of(x), name, x, now)


def kid_of(x: str) -> str:
    """Of an Ed25519 key, by RFC 7638 §3."""
    thumbprint = sha256(to_json({"crv": "Ed25519", "kty": "OKP", "x": x})).digest()
    return urlsafe_b64encode(thumbprint).decode()[:KID_LENGTH]


def _jwk(key: IssuerKeyPublished) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": key.public_key, "kid": key.kid, "use": "sig", "alg": "EdDSA"}


def _revoked(withdrawn: IssuerKeyWithdrawn) -> dict[str, object]:
    return {"revoked_at": int(withdrawn.withdrawn_at.timestamp()), "reason": withdrawn.reason}
