"""What may be sent. Sizes are bounded here; what is right is decided by the domain."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.department.body import Body
from shared.standards.id_number import IdNumber

Name = Annotated[str, StringConstraints(max_length=40)]
Value = Annotated[str, StringConstraints(max_length=2000)]
Values = Annotated[dict[Name, Value], Field(max_length=60)]


class Form(Body):
    """`form`: field name -> what was written. Fields that are filled already may be left out."""

    definition: Name
    form: Values


class Applicant(Body):
    """Whom a form is handed in for, as their ID card says."""

    name: Value
    id_number: IdNumber


class FormForSomebody(Form):
    """Handed in at a counter or a hospital for the person who is present. `card_seen`: the clerk compared the ID card
    with the person. `intake`: it was written down while there was no network.
    """

    applicant: Applicant
    card_seen: bool
    channel: Literal["intake"] | None = None


class Sentence(Body):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class DeskDone(Body):
    """What the bureau's own desk found: `results` as the definition names them."""

    results: Values = Field(default_factory=dict)


class DeskRefused(Body):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    may_retry: bool = False
