"""A place in a list that is ordered by time and id."""

import base64
from datetime import UTC, datetime
from typing import NamedTuple, Self
from uuid import UUID

from shared.contracts.errors import Invalid
from shared.standards import base64url


class Place(NamedTuple):
    at: datetime
    id: UUID

    @classmethod
    def first(cls) -> Self:
        """Before everything."""
        return cls(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))

    @classmethod
    def last(cls) -> Self:
        """After everything."""
        return cls(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))

    @property
    def place(self) -> Self:
        """A list of bare places is one of `Placed` things."""
        return self

    def __str__(self) -> str:
        """Opaque to readers: it goes back as `after`."""
        return base64url.encode(f"{self.at.isoformat()} {self.id}".encode())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises Invalid for what no list handed out."""
        try:
            at, _, id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
            return cls(datetime.fromisoformat(at).replace(tzinfo=UTC), UUID(id))
        except ValueError:  # binascii's and Unicode's are such, too
            raise Invalid(
                "unknown_place",
                "翻页参数无效，请从第一页重新开始。",
                "This place in the list is not known; please begin with the first page.",
            ) from None
