"""The stamp of an envelope: by it a department, and nobody else, knows again what it has published.

A keyed hash (HMAC-SHA256, its first 16 bytes) over the event's leaf in the ledger and its number in its feed; the key
follows from the ledger's own. Whoever was given the event keeps the stamp with it. So what they hold proves itself to a
department that lost it, also of the last moments, which nobody had witnessed.
"""

import hmac
from hashlib import sha256

from shared.contracts.envelope import Numbered
from shared.eventstore.ledger_signer import LedgerSigner
from shared.standards import base64url

SIZE = 16  # bytes of the hash


class Stamps:
    """Of one department. Without a ledger key it stamps nothing, and knows nothing again."""

    def __init__(self, signer: LedgerSigner | None = None) -> None:
        self._signer = signer

    def of(self, event: Numbered) -> str | None:
        keys = self._signer.stamp_keys if self._signer else ()
        if not keys or event.leaf is None:
            return None
        return _stamp(keys[-1], event.leaf, event.feed, event.sequence, event.epoch)

    def is_ours(self, stamp: str, leaf: bytes, feed: str, sequence: int, epoch: int) -> bool:
        """Whether we stamped the event with this leaf under this number, with the present key or one before."""
        keys = self._signer.stamp_keys if self._signer else ()
        return any(
            hmac.compare_digest(stamp.encode(), _stamp(key, leaf, feed, sequence, epoch).encode()) for key in keys
        )


def _stamp(key: bytes, leaf: bytes, feed: str, sequence: int, epoch: int) -> str:
    made = hmac.digest(key, leaf + f"{feed} {sequence} {epoch}".encode(), sha256)
    return base64url.encode(made[:SIZE])
