"""Where the private keys of seals and signatures lie, and how they are named there."""

from uuid import UUID

from services.certificates.settings import CertificatesSettings
from shared.department.key_store import KeyStore, SealedKeys
from shared.eventstore.database import Pool

ROOT = "certification-root"  # ES256, of our own certification authority


def keys_of(pool: Pool, settings: CertificatesSettings) -> KeyStore:
    """The key store that this department is set up with."""
    return SealedKeys(pool, settings.key_masters)


def signing_key(seal: UUID) -> str:
    """The name of the ES256 key that signs PDFs."""
    return f"seal-{seal}"


def sm2_key(seal: UUID) -> str:
    """The name of the SM2 key that makes the detached seal."""
    return f"seal-{seal}-sm2"
