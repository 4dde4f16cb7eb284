"""Who a case is for: rules of a definition, each told at once with its reason when it does not hold. Pure."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.forms.fields import FieldName, Known
from shared.standards.months import months_after
from shared.standards.surnames import bears_surname_of
from shared.standards.text import Text


class RuleBase(BaseModel):
    """`field`: what is told to be wrong when the rule does not hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: FieldName
    source: str  # where the rule stands
    words: Text | None = None  # said in place of the rule's own sentence
    is_first: bool = False  # looked at before anything else: nothing has to be known for it

    @abstractmethod
    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:
        """Why this form is not eligible; None when it is."""


class Within(RuleBase):
    """The day in `field` lies not more than so many months back. The same day of the last month counts (《民法典》
    第二百零二条), and in a shorter month its last day.
    """

    rule: Literal["within"]
    months: int = Field(ge=1)

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        if today <= months_after(date.fromisoformat(form[self.field]), self.months):
            return None
        return self.words or Text(
            f"已超过{self.months}个月，不能通过一件事办理；请到各部门窗口分别办理。",
            f"This is more than {self.months} months ago, too long for this; please go to each office's counter.",
        )


class SurnameOf(RuleBase):
    """The name in `field` bears the surname of one of these persons, unless the form says that it follows a custom."""

    rule: Literal["surname_of"]
    persons: tuple[FieldName, ...] = Field(min_length=1)
    unless: dict[FieldName, str] = Field(default_factory=dict)  # all of them

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        if self.unless and _has(form, self.unless):
            return None
        names = [known[name] for one in self.persons if (name := f"{one}.name") in known]
        if any(bears_surname_of(form[self.field], name) for name in names):
            return None
        return self.words or Text(
            "子女应随父姓或者母姓（民法典第1015条）；选取其他姓氏的，请到户籍窗口办理。",
            "A child bears its father's or mother's surname (Civil Code Art. 1015); for another one go to the counter.",
        )


class NotHere(RuleBase):
    """With one of these values it is done elsewhere: the words say where."""

    rule: Literal["not_here"]
    values: tuple[str, ...] = Field(min_length=1)
    words: Text
    is_first: bool = True

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        return self.words if form.get(self.field) in self.values else None


class Needed(RuleBase):
    """The field must be filled in when others have these values."""

    rule: Literal["needed"]
    when: dict[FieldName, str] = Field(min_length=1)  # all of them
    words: Text

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        return self.words if _has(form, self.when) and not form.get(self.field) else None


class OfPersons(RuleBase):
    """The field names a role of somebody whom the case is about."""

    rule: Literal["of_persons"]
    words: Text

    def objection(self, form: Mapping[str, str], known: Known, today: date) -> Text | None:  # noqa: ARG002
        return None if f"{form.get(self.field)}.name" in known else self.words


def _has(form: Mapping[str, str], values: Mapping[str, str]) -> bool:
    return all(form.get(field) == value for field, value in values.items())


Rule = Annotated[Within | SurnameOf | NotHere | Needed | OfPersons, Field(discriminator="rule")]
