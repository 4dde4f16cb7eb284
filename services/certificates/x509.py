"""X.509 certificates (RFC 5280) whose private keys stay in the key store: built here, signed there.

The same inputs give the same bytes: the serial number follows from them, and the key store's signatures do, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from asn1crypto import keys, pem, x509

from shared.department.key_store import KeyStore, PublicKey

SIGNED_WITH = {"algorithm": "sha256_ecdsa"}
UTC_TIME_ENDS = 2050  # RFC 5280 4.1.2.5


@dataclass(frozen=True, slots=True)
class Validity:
    begin: datetime  # whole seconds
    end: datetime


async def self_signed(store: KeyStore, key: str, name: Mapping[str, str], validity: Validity) -> str:
    """A root, PEM: it certifies end entities, no further authorities. `name`: asn1crypto's words for attributes."""
    public = await _public(store, key)
    extensions = [
        extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, critical=True),
        extension("key_usage", {"key_cert_sign", "crl_sign"}, critical=True),
        extension("key_identifier", public.sha1),
    ]
    named = x509.Name.build(dict(name))
    return await _signed(store, key, named, named, public, validity, extensions)


async def end_entity(
    store: KeyStore,
    root_key: str,
    root: str,
    name: Mapping[str, str],
    of: UUID,
    key: PublicKey,
    validity: Validity,
    crl_url: str | None = None,
) -> str:
    """A certificate, PEM, for a key that signs and cannot be disowned. `of`: what it is the key of.

    `crl_url`: where its issuer's revocation list is fetched; None: it says nothing of one.
    """
    issuer = parsed(root)
    public = keys.PublicKeyInfo.load(_der(key.text))
    extensions = [
        extension("basic_constraints", {"ca": False}, critical=True),
        extension("key_usage", {"digital_signature", "non_repudiation"}, critical=True),
        extension("key_identifier", public.sha1),
        extension("authority_key_identifier", {"key_identifier": issuer.public_key.sha1}),
        extension("subject_alt_name", [x509.GeneralName("uniform_resource_identifier", of.urn)]),
    ]
    if crl_url is not None:
        place = x509.DistributionPointName("full_name", [x509.GeneralName("uniform_resource_identifier", crl_url)])
        extensions.append(extension("crl_distribution_points", [{"distribution_point": place}]))
    return await _signed(store, root_key, issuer.subject, x509.Name.build(dict(name)), public, validity, extensions)


def parsed(certificate: str) -> x509.Certificate:
    return x509.Certificate.load(_der(certificate))


async def _signed(
    store: KeyStore,
    key: str,
    issuer: x509.Name,
    subject: x509.Name,
    public: keys.PublicKeyInfo,
    validity: Validity,
    extensions: list[dict[str, Any]],
) -> str:
    begin, end = time_of(validity.begin), time_of(validity.end)
    told = b"".join(part.dump() for part in (issuer, subject, public, begin, end, x509.Extensions(extensions)))
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(sha256(told).digest()[:16], "big") | 1 << 128,  # 17 bytes, never negative
            "signature": SIGNED_WITH,
            "issuer": issuer,
            "validity": {"not_before": begin, "not_after": end},
            "subject": subject,
            "subject_public_key_info": public,
            "extensions": extensions,
        }
    )
    certificate = x509.Certificate(
        {
            "tbs_certificate": body,
            "signature_algorithm": SIGNED_WITH,
            "signature_value": await store.sign(key, body.dump()),
        }
    )
    text: bytes = pem.armor("CERTIFICATE", certificate.dump())
    return text.decode("ascii")


async def _public(store: KeyStore, key: str) -> keys.PublicKeyInfo:
    return keys.PublicKeyInfo.load(_der((await store.make(key, "ES256")).text))


def extension(name: str, value: Any, *, critical: bool = False) -> dict[str, Any]:
    return {"extn_id": name, "critical": critical, "extn_value": value}


def time_of(moment: datetime) -> x509.Time:
    return x509.Time("utc_time" if moment.year < UTC_TIME_ENDS else "general_time", moment.replace(microsecond=0))


def _der(text: str) -> bytes:
    der: bytes
    _, _, der = pem.unarmor(text.encode("ascii"))
    return der
