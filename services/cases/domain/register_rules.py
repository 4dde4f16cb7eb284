"""What the household register would refuse later is said before anything begins, by its rules as it told them. Pure.

Until they are heard nothing is checked by them: cases wait for nobody.
"""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.contracts.identity import ParentRule, RegisterRulesPublished
from shared.forms.fields import FieldName
from shared.standards.age import years_old
from shared.standards.id_number import IdNumber
from shared.standards.months import months_after
from shared.standards.text import Text

ACKNOWLEDGED = "acknowledged"
TOO_YOUNG = Text(
    "按登记的出生日期，父母一方在孩子出生时年龄过小，不能据此办理；请核对公民身份号码，确属实情的，请到落户地派出所申报。",
    "By the register this parent was too young at the birth; please check the ID number. If it is so, please report "
    "the birth at the police station of the household.",
)
UNUSUAL_AGE = Text(
    "登记的父母年龄与这次出生不常见，须由两名民警先行核实；请核对公民身份号码，无误的，请持出生证明材料到落户地派出所申报。",
    "This parent's age is unusual for the birth, so two officers look into it first; please check the ID number. If it "
    "is right, please report the birth at the police station of the household with the papers of the birth.",
)
CUSTOM = "custom"
"""The naming that follows a minority's custom (《民法典》第一千零一十五条第二款)."""


class RegisterFields(BaseModel):
    """Which field of the form each rule speaks of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: FieldName
    householder: FieldName
    naming: FieldName
    born_on: FieldName
    mother_id_number: FieldName | None = None
    father_id_number: FieldName | None = None

    @property
    def named(self) -> tuple[str, ...]:
        numbers = (one for one in (self.mother_id_number, self.father_id_number) if one)
        return (self.way, self.householder, self.naming, self.born_on, *numbers)


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
    return found | _of_parents(fields, rules.parents, form, handed_in_on)


def _of_parents(
    fields: RegisterFields, rule: ParentRule | None, form: Mapping[str, str], handed_in_on: date
) -> dict[str, Text]:
    """What speaks against the parents' ages: two officers look into it at the police station, before anything is
    issued.
    """
    found: dict[str, Text] = {}
    if rule is None:
        return found
    born_on = form.get(fields.born_on)
    for name, ages in ((fields.mother_id_number, rule.mother_age), (fields.father_id_number, rule.father_age)):
        number = form.get(name or "")
        if name is None or not number or not born_on:
            continue
        age = years_old(IdNumber(number).birth_date, date.fromisoformat(born_on))
        if age < ages.least:
            found[name] = TOO_YOUNG
        elif not ages.usual_from <= age <= ages.usual_to:
            found[name] = UNUSUAL_AGE
    name = fields.father_id_number
    number = form.get(name or "")
    if name and number and form.get(fields.way) == ACKNOWLEDGED:
        age = years_old(IdNumber(number).birth_date, handed_in_on)
        if age < rule.acknowledging_age:
            found[name] = not_of_age(rule.acknowledging_age)
    return found


def not_of_age(age: int) -> Text:
    return Text(
        f"认领孩子的父亲未满{age}周岁，须由其监护人同意；请与监护人一同到落户地派出所办理，也可先选择由母亲一方申报。",
        f"The father who acknowledges the child is under {age}, so his guardian has to agree; please go to the police "
        "station of the household together with his guardian, or first choose the mother alone.",
    )
