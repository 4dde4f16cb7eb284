"""What may be sent. Sizes are bounded here; what is right is decided by the domain."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.department.body import Body
from shared.standards.id_number import IdNumber
from shared.standards.line import OneLine
from shared.standards.person_name import LONGEST_TYPED

Name = Annotated[str, StringConstraints(max_length=40)]
Value = Annotated[str, StringConstraints(max_length=2000)]
Paragraph = Annotated[str, OneLine(500, but="\n")]
Values = Annotated[dict[Name, Value], Field(max_length=60)]


class Form(Body):
    """`form`: field name -> what was written. Fields that are filled already may be left out."""

    definition: Name
    form: Values


class HandedIn(Form):
    """`draft`: which draft it was written in; that one is not kept, and not saved again."""

    draft: UUID | None = None


class Applicant(Body):
    """Whom a form is handed in for, as their ID card says."""

    name: Annotated[str, StringConstraints(max_length=LONGEST_TYPED)]
    id_number: IdNumber


class FormForSomebody(Form):
    """Handed in at a counter or a hospital for the person who is present. `card_seen`: the clerk compared the ID card
    with the person. `intake`: it was written down while there was no network. `also_present`: others whose consent
    it needs, who are at the counter, too, with their cards; they agree there.
    """

    applicant: Applicant
    card_seen: bool
    channel: Literal["intake"] | None = None
    also_present: Annotated[list[Applicant], Field(max_length=3)] = Field(default_factory=list)


class PersonPresent(Body):
    """The person at the counter. `card_seen`: the clerk compared the ID card with the person."""

    person: Applicant
    card_seen: bool


class Correction(Body):
    """`text`: the answer in words. `form`: the fields that were asked for, as they should be."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    form: Values = Field(default_factory=dict)


class CorrectionAtCounter(Correction, PersonPresent):
    """Of the person who is at the counter."""


class WithdrawalBody(Body):
    """`because`: one of the definition's reasons, which is answered in its own words."""

    because: Name | None = None


class WithdrawalAtCounter(WithdrawalBody, PersonPresent):
    """Of the person who is at the counter."""


class Question(Body):
    """`fields`: of the form, that may be corrected by the answer."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    fields: Annotated[list[Name], Field(max_length=60)] = Field(default_factory=list)


class Sentence(Body):
    text: Paragraph


class DeskDone(Body):
    """What the bureau's own desk found: `results` as the definition names them."""

    results: Values = Field(default_factory=dict)


class DeskRefused(Body):
    reason: Paragraph
    may_retry: bool = False
