"""What the household register would refuse later is said before anything begins, by its rules as it told them. Pure.

Until they are heard nothing is checked by them: cases wait for nobody.
"""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.contracts.identity import RegisterRulesPublished
from shared.forms.fields import FieldName
from shared.standards.months import months_after
from shared.standards.text import Text

CUSTOM = "custom"
"""The naming that follows a minority's custom (《民法典》第一千零一十五条第二款)."""


class RegisterFields(BaseModel):
    """Which field of the form each rule speaks of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: FieldName
    householder: FieldName
    naming: FieldName
    born_on: FieldName

    @property
    def named(self) -> tuple[str, ...]:
        return (self.way, self.householder, self.naming, self.born_on)


def objections(
    fields: RegisterFields, rules: RegisterRulesPublished | None, form: Mapping[str, str], handed_in_on: date
) -> dict[str, Text]:
    """What the register would refuse of this form, by field."""
    if rules is None:
        return {}
    birth = rules.birth
    found: dict[str, Text] = {}
    if form.get(fields.way) not in (None, *birth.ways):
        found[fields.way] = Text(
            "户籍机关现不按此方式办理出生登记；请到落户地派出所申报。",
            "The register does not take births this way now; please go to the police station of the household.",
        )
    if form.get(fields.householder) not in (None, *birth.householders):
        found[fields.householder] = Text(
            "按户口登记规则，不能随此人落户，请改选，或到落户地派出所申报。",
            "By the register's rules a child does not join this household; please choose another, or go to the police "
            "station.",
        )
    if form.get(fields.naming) == CUSTOM and not birth.custom_names:
        found[fields.naming] = Text(
            "户籍机关现不在此办理按民族习惯取名，请到落户地派出所申报。",
            "Names by a minority's custom are not entered this way now; please go to the police station.",
        )
    born_on = form.get(fields.born_on)
    if born_on and handed_in_on > months_after(date.fromisoformat(born_on), birth.months):
        found[fields.born_on] = Text(
            f"出生已超过{birth.months}个月，不能随此件登记；请持出生医学证明到落户地派出所补办出生登记。",
            f"The birth is more than {birth.months} months ago; please go to the police station of the household with "
            "the birth certificate.",
        )
    return found
