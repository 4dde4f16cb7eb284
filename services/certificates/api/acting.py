"""Whose business somebody goes about: his own, or a ward's."""

from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

Of = Annotated[UUID | None, QueryParameter(description="a ward, see `/wards`; by default oneself")]
