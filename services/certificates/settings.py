"""What certificates must be told beside what every department is told."""

import base64
import binascii
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, FilePath, field_validator

from shared.department.settings import Settings

MASTER_BYTES = 32


class CertificatesSettings(Settings):
    """The master key must never change: seals' private keys open with it, and with no other."""

    key_master_file: FilePath  # 32 random bytes in base64
    # what QR codes and status lists name: where people outside reach this department; no slash at its end
    public_url: str = Field(default_factory=lambda told: _own_address(told), pattern=r"^https?://[^\s?#]*[^\s/?#]$")

    clamd_address: str | None = Field(default=None, pattern=r"^[^:\s]+:[0-9]{1,5}$")  # host:port; looks for viruses

    @field_validator("key_master_file")
    @classmethod
    def _holds_a_master_key(cls, path: Path) -> Path:
        _master_key(path)
        return path

    @cached_property
    def key_master(self) -> bytes:
        return _master_key(self.key_master_file)


def _own_address(told: dict[str, Any]) -> str:
    return f"http://{told['http_host']}:{told['http_port']}"


def _master_key(path: Path) -> bytes:
    """Raises ValueError unless the file holds a master key."""
    try:
        key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error):
        raise ValueError("this file cannot be read as a key in base64") from None
    if len(key) != MASTER_BYTES:
        raise ValueError(f"this file does not hold {MASTER_BYTES} bytes in base64")
    return key
