"""Ways of one definition: whom it is about differs, how they are found, who must agree and what is asked. Data."""

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.forms.fields import FieldName
from shared.standards.text import Text

FoundBy = Literal["applicant", "marriage", "typed", "late_spouse"]
"""`applicant`: they are the first role, and the only one. `marriage`: by the one on record, roles by sex. `typed`: the
first role applies and writes the other's name and ID number. `late_spouse`: by the marriage that their death ended.
"""


class Way(BaseModel):
    """One way. `roles`: whom it is about; the first of them applies unless they are found by marriage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: FieldName
    found_by: FoundBy
    roles: tuple[FieldName, ...] = Field(min_length=1)
    consents: tuple[FieldName, ...] = ()  # roles that must agree
    without: tuple[FieldName, ...] = ()  # fields that it does not ask
    typed_name: FieldName | None = None  # where the applicant writes who the other is
    typed_id_number: FieldName | None = None
    counted_from: FieldName | None = None  # the day until which the late spouse's death counts
    most_days: int | None = Field(default=None, ge=1)
    only_unmarried: Text | None = None  # said to who is married
    source: str


class Loss(BaseModel):
    """What becomes of a case when somebody it is about dies, or their entry is annulled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    before_it_began: Literal["go_on", "stop"] = "stop"
    while_it_runs: Literal["go_on", "stop", "skip_rest"] = "go_on"
    annulled: Literal["go_on", "stop", "skip_rest"] = "stop"
    words: Text
    source: str

    def then(self, why: Literal["died", "annulled"], *, has_begun: bool) -> Literal["go_on", "stop", "skip_rest"]:
        if why == "annulled":
            return self.annulled
        return self.while_it_runs if has_begun else self.before_it_began


class Withdrawal(BaseModel):
    """A reason to withdraw that is answered in its own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Text
    source: str
    papers_stay: bool = False  # what is done states what was, and is not undone


def roles_of(ways: Collection[Way]) -> set[str]:
    return {role for way in ways for role in way.roles}
