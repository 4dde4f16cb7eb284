"""Lists in pages, and where the next page begins."""

from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar

from litestar.params import QueryParameter

from shared.department.place import Place as Place

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="items a page")]
After = Annotated[str | None, QueryParameter(max_length=200, description="`next` of the page before")]
DEFAULT_LIMIT = 20


class Placed(Protocol):
    @property
    def place(self) -> Place: ...


R = TypeVar("R", bound=Placed)


def page(rows: Sequence[R], limit: int) -> tuple[Sequence[R], str | None]:
    """`rows` were asked for with limit + 1. The page, and where the next one begins if there is one."""
    shown = rows[:limit]
    return shown, str(shown[-1].place) if len(rows) > limit else None
