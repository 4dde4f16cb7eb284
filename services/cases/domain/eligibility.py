"""Who a case is for: rules of a definition, each told at once with its reason when it does not hold. Pure."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.forms.fields import FieldName, Known
from shared.standards.surnames import surname_of
from shared.standards.text import Text


class RuleBase(BaseModel):
    """`field`: what is told to be wrong when the rule does not hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: FieldName
    source: str  # where the rule stands

    @abstractmethod
    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:
        """Why this form is not eligible; None when it is."""


class Within(RuleBase):
    """The day in `field` lies less than so many months back."""

    rule: Literal["within"]
    months: int = Field(ge=1)

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        day = date.fromisoformat(form[self.field])
        months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
        if months < self.months:
            return None
        return Text(
            f"已超过{self.months}个月，不能通过一件事办理；请到各部门窗口分别办理。",
            f"This is {self.months} months ago or more, too long for this; please go to each office's counter.",
        )


class SurnameOf(RuleBase):
    """The name in `field` bears the surname of one of these persons."""

    rule: Literal["surname_of"]
    persons: tuple[FieldName, ...] = Field(min_length=1)

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        surnames = {surname_of(known[f"{person}.name"]) for person in self.persons}
        if any(form[self.field].startswith(surname) for surname in surnames):
            return None
        return Text(
            "子女应随父姓或者母姓（民法典第1015条）；选取其他姓氏的，请到户籍窗口办理。",
            "A child bears its father's or mother's surname (Civil Code Art. 1015); for another one go to the counter.",
        )


Rule = Annotated[Within | SurnameOf, Field(discriminator="rule")]
