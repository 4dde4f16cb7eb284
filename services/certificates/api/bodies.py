"""What may be sent. Sizes are bounded here; what is right is decided by the domain."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from shared.department.body import Body
from shared.standards.id_number import IdNumber
from shared.standards.name_spelling import spelt
from shared.standards.person_name import LONGEST_TYPED

Name = Annotated[str, StringConstraints(max_length=40)]
Value = Annotated[str, StringConstraints(max_length=2000)]
Values = Annotated[dict[Name, Value], Field(max_length=60)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
EvidenceNamed = Annotated[dict[Name, Sha256], Field(max_length=20)]
Ticket = Annotated[str, StringConstraints(max_length=100)]
PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TYPED),
    AfterValidator(spelt),
]


class PersonNamed(Body):
    """Somebody of the household register; name and number must belong together."""

    name: PersonName
    id_number: IdNumber


class AssistanceNamed(Body):
    """Who acts for the applicant: his guardian, or whoever has his mandate (its file, uploaded before)."""

    relation: Literal["guardian", "mandate"]
    name: PersonName
    id_number: IdNumber
    mandate: Sha256 | None = None


class Submission(Body):
    """`form`: field name -> what the applicant wrote. Fields that are filled already may be left out.

    `evidence`: kind -> the name that `POST /evidence` answered. `for`: the applicant, at a counter. `ticket`: at a
    kiosk. `draft`: the draft this came from, which ends with it.
    """

    type: Name
    form: Values
    evidence: EvidenceNamed = Field(default_factory=dict)
    applicant: PersonNamed | None = Field(default=None, alias="for")
    ticket: Ticket | None = None
    assistance: AssistanceNamed | None = None
    draft: UUID | None = None


class Correction(Body):
    """Only what changes; the rest stays as it was submitted.

    `for`: the applicant, at a counter. `ticket`: at a kiosk.
    """

    form: Values
    evidence: EvidenceNamed = Field(default_factory=dict)
    applicant: PersonNamed | None = Field(default=None, alias="for")
    ticket: Ticket | None = None


class DraftSaved(Body):
    """What has been filled in so far; of it only characters are checked yet."""

    type: Name
    form: Values
    evidence: EvidenceNamed = Field(default_factory=dict)


class Ticketed(Body):
    """What `POST /kiosk/sessions` gave."""

    ticket: Ticket | None = None


class Printing(Ticketed):
    """`for`, a typed name and number, proves nothing and is not looked at."""

    holder: PersonNamed | None = Field(default=None, alias="for")


class Refusal(Body):
    reason: Value


class SendingBack(Body):
    """Field name -> what is wrong with it."""

    wrong_fields: Values
