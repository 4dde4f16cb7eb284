"""The person the caller acts for: themselves, a ward, or who gave them a mandate."""

from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

Of = Annotated[
    UUID | None, QueryParameter(description="a ward, see `/wards`, or who gave a mandate for this; by default oneself")
]
