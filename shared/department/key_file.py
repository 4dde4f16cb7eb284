"""Private keys that a department is given as files."""

from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey


def private_key(path: Path) -> OKPKey:
    """Raises ValueError unless the file holds an Ed25519 private key (PEM, PKCS 8, not encrypted)."""
    try:
        key = OKPKey.import_key(path.read_text("ascii"))
    except (OSError, ValueError, TypeError, JoseError):
        raise ValueError("this file cannot be read as a private key in PEM form") from None
    if not key.is_private or key.curve_name != "Ed25519":
        raise ValueError("this file holds no Ed25519 private key")
    return key
