"""Paging by key: where in a list ordered by division and id a page ended."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.identity.domain.entry_fields import wrong_field
from shared.standards.divisions import WHOLE_COUNTRY, level_of

SIGNIFICANT = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Place:
    """`after` and `next` in a page's address: '<division>.<id>'."""

    division: str
    id: UUID

    @classmethod
    def first(cls) -> Self:
        """Before every row."""
        return cls("", UUID(int=0))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises Invalid for what `str` never made."""
        division, _, id = text.partition(".")
        try:
            return cls(division, UUID(id))
        except ValueError:
            raise wrong_field(
                "after",
                "翻页标记不正确，请从第一页重新查询。",
                "This is no place to go on from; please start from the first page.",
            ) from None

    def __str__(self) -> str:
        return f"{self.division}.{self.id}"


def extent(division: str) -> tuple[str, str]:
    """The first and last code within a division. Raises NotValid "division_code"."""
    significant = 0 if division == WHOLE_COUNTRY else SIGNIFICANT[level_of(division)]
    prefix = division[:significant]
    return prefix.ljust(12, "0"), prefix.ljust(12, "9")
