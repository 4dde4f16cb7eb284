"""What certificates must be told beside what every department is told."""

import hmac
from hashlib import sha256
from typing import Any

from pydantic import Field

from services.certificates.domain.upload_day import MEGABYTE, Quota
from shared.contracts.certificates import Channel
from shared.department.settings import Settings


class CertificatesSettings(Settings):
    """Seals' private keys open with the master keys, and with no other."""

    # what QR codes and status lists name: where people outside reach this department; no slash at its end
    public_url: str = Field(default_factory=lambda told: _own_address(told), pattern=r"^https?://[^\s?#]*[^\s/?#]$")

    clamd_address: str | None = Field(default=None, pattern=r"^[^:\s]+:[0-9]{1,5}$")  # host:port; looks for viruses

    # files of strangers: so many are examined at once, in processes of their own; so many besides may wait
    inspectors: int = Field(default=2, ge=1, le=16)
    inspections_waiting: int = Field(default=8, ge=1, le=100)

    # what one person may bring as evidence: files a day, and megabytes that no application names yet
    uploads_a_day: int = Field(default=60, ge=1)
    unused_uploads_mb: int = Field(default=100, ge=5)
    counter_uploads_a_day: int = Field(default=2000, ge=1)  # at window, kiosk and helper, for many
    counter_unused_uploads_mb: int = Field(default=2000, ge=5)
    unused_upload_days: int = Field(default=30, ge=1)  # then it is swept away

    @property
    def codes_key(self) -> bytes:
        """What codes by phone are hashed with, while they live."""
        return hmac.digest(self.key_masters()[0].secret, b"codes by phone", sha256)

    def quota(self, channel: Channel) -> Quota:
        """Of who comes in so."""
        if channel == "app":
            return Quota(self.uploads_a_day, self.unused_uploads_mb * MEGABYTE)
        return Quota(self.counter_uploads_a_day, self.counter_unused_uploads_mb * MEGABYTE)

    @property
    def crl_url(self) -> str | None:
        """Where anybody fetches the revocation list of seals' certificates. None: nobody outside reaches us."""
        return f"{self.public_url}/trust/root.crl" if "public_url" in self.model_fields_set else None


def _own_address(told: dict[str, Any]) -> str:
    return f"http://{told['http_host']}:{told['http_port']}"
