"""The revocation list (RFC 5280, CRL) of the authority that certifies seals and signatures.

The same within an hour, byte for byte and in every process, unless a seal is stopped, resumed or cancelled.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from asn1crypto import crl

from services.certificates.read_models.seal_certificates import Revocations
from services.certificates.x509 import SIGNED_WITH, extension, parsed, time_of
from shared.department.key_store import KeyStore

MEDIA = "application/pkix-crl"
EVERY = timedelta(hours=1)
HOLDS_FOR = timedelta(days=1)
REASONS = {"hold": "certificate_hold", "for_good": "cessation_of_operation"}


@dataclass(frozen=True, slots=True)
class Edition:
    """Which list it is. Both numbers only grow, so the sum grows whenever one of them does."""

    revocations: Revocations
    hour: int  # since 1970

    @property
    def number(self) -> int:
        return self.hour + self.revocations.changes

    @property
    def made_at(self) -> datetime:
        begun = datetime.fromtimestamp(self.hour * EVERY.total_seconds(), UTC)
        return max(begun, self.revocations.changed_at or begun)


def edition(revocations: Revocations, now: datetime) -> Edition:
    return Edition(revocations, int(now.timestamp() // EVERY.total_seconds()))


async def revocation_list(store: KeyStore, root_key: str, root: str, of: Edition) -> bytes:
    """DER. What was revoked stays listed beyond its certificate's last day: documents are checked for long."""
    issuer = parsed(root)
    body: dict[str, Any] = {
        "version": "v2",
        "signature": SIGNED_WITH,
        "issuer": issuer.subject,
        "this_update": time_of(of.made_at),
        "next_update": time_of(of.made_at + HOLDS_FOR),
        "crl_extensions": [
            extension("authority_key_identifier", {"key_identifier": issuer.public_key.sha1}),
            extension("crl_number", of.number),
        ],
    }
    if of.revocations.certificates:  # an empty one must not stand there: RFC 5280 5.1.2.6
        body["revoked_certificates"] = [
            _entry(one.serial, one.revoked, one.since) for one in of.revocations.certificates
        ]
    told = crl.TbsCertList(body)
    signed = crl.CertificateList(
        {
            "tbs_cert_list": told,
            "signature_algorithm": SIGNED_WITH,
            "signature": await store.sign(root_key, told.dump()),
        }
    )
    der: bytes = signed.dump()
    return der


def _entry(serial: int, revoked: Literal["hold", "for_good"], since: datetime) -> dict[str, Any]:
    return {
        "user_certificate": serial,
        "revocation_date": time_of(since),
        "crl_entry_extensions": [extension("crl_reason", REASONS[revoked])],
    }
