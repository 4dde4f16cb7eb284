"""Bytes as text: base64url without padding (RFC 4648, section 5)."""

from base64 import b64decode, urlsafe_b64encode


def encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Raises ValueError: it holds other characters, or is cut off."""
    return b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
