"""What may be sent. Sizes are bounded here; what is right is decided by the domain."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(max_length=40)]
Value = Annotated[str, StringConstraints(max_length=2000)]
Values = Annotated[dict[Name, Value], Field(max_length=60)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Submission(Body):
    """`form`: field name -> what the applicant wrote. Fields that are filled already may be left out."""

    type: Name
    form: Values


class Correction(Body):
    """Only what changes; the rest stays as it was submitted."""

    form: Values


class Refusal(Body):
    reason: Value


class SendingBack(Body):
    """Field name -> what is wrong with it."""

    wrong_fields: Values
