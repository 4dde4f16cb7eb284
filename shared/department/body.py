"""What the bodies of all departments share."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What a client sends: nothing it does not know how to use."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
