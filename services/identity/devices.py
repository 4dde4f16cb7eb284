"""Known devices: a token that a sign-in answers, which lets its account try passwords while strangers may not.

It opens nothing. It is signed, bound to one account and its password, and kept nowhere: a new password forgets all
devices. Each has a small count of failures of its own.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from shared.standards import base64url

LIVES = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Devices:
    key: bytes

    def issue(self, account: UUID, password_set_at: datetime | None, now: datetime) -> str:
        """'<device id>.<issued>.<MAC>', for the account that has just signed in."""
        device, issued = uuid4(), int(now.timestamp())
        return f"{device}.{issued}.{self._mac(account, password_set_at, device, issued)}"

    def known(self, token: str | None, account: UUID, password_set_at: datetime | None, now: datetime) -> UUID | None:
        """The device, when the token was issued for this account and still counts."""
        try:
            id, issued, mac = (token or "").split(".")
            device, at = UUID(id), datetime.fromtimestamp(int(issued), UTC)
        except (ValueError, OverflowError, OSError):
            return None
        ours = self._mac(account, password_set_at, device, int(issued))
        is_ours = hmac.compare_digest(mac.encode(), ours.encode())
        return device if is_ours and now < at + LIVES else None

    def _mac(self, account: UUID, password_set_at: datetime | None, device: UUID, issued: int) -> str:
        of_password = password_set_at.astimezone(UTC).isoformat() if password_set_at else ""
        digest = hmac.digest(self.key, f"{account}\n{of_password}\n{device}\n{issued}".encode(), sha256)
        return base64url.encode(digest)
