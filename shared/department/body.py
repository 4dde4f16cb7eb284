"""What the bodies of all departments share."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError

from shared.department.field_errors import OUT_OF_TIME
from shared.standards.day import FIRST_YEAR, LAST_YEAR


class Body(BaseModel):
    """What a client sends: nothing it does not know how to use."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="after")
    @classmethod
    def _within_time(cls, value: Any) -> Any:
        """Days and moments near the edges of the calendar break arithmetic, and mean nothing in an office."""
        if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise PydanticCustomError("out_of_time", OUT_OF_TIME.en, OUT_OF_TIME._asdict())
        return value
