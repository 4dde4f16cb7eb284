"""What the household register would refuse later is said before anything begins, by its rules as it told them. Pure.

Until they are heard nothing is checked by them: cases wait for nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.identity import ParentRule, RegisterRulesPublished
from shared.forms.fields import FieldName, Known
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


SEX = Text(
    "登记的公民身份号码与母亲、父亲的性别不符，户籍机关不予办理：请先到派出所核对、更正，更正后在此回复即可继续。",
    "The ID number on record does not fit a mother, or a father, and the register would refuse; please have it "
    "corrected at the police station, then answer here and it goes on.",
)
DEAD = Text(
    "登记的死亡日期与孩子的出生日期不符，户籍机关不予办理：登记有误的，请先到派出所更正后在此回复；无误的，请到落户地派出所申报。",
    "The day of death on record does not fit the birth, and the register would refuse. If it is wrong, please have it "
    "corrected at the police station and answer here; if not, report the birth at the police station of the household.",
)
LIVES = Text(
    "登记信息中父亲健在，不属于父亲已去世：请先到派出所办理死亡登记后在此回复，或撤回后改选其他生育情况。",
    "By the register the father lives; please have his death recorded at the police station and answer here, or "
    "withdraw and choose another way.",
)
HOUSEHOLD_CLOSED = Text(
    "此人已去世，户口登记已注销，不能随其落户：请改选随另一方落户；需随祖父母等落户的，请到落户地派出所办理。",
    "This parent has died and their entry is closed, so the child cannot join that household; please choose the other "
    "parent's, or go to the police station for that of the grandparents.",
)


@dataclass(frozen=True, slots=True)
class Parents:
    """What is known of them, and which sex each role has. `late`: the role that has died in this way; `is_named`: the
    other was named by the applicant, not found by a marriage.
    """

    known: Known
    sexes: Mapping[str, str]
    late: str | None = None
    is_named: bool = False


class RegisterFields(BaseModel):
    """Which field of the form each rule speaks of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: FieldName
    householder: FieldName
    naming: FieldName
    born_on: FieldName
    order: FieldName | None = None  # within the delivery
    midnight_days: int = Field(default=1, ge=0, le=7)  # the children of one delivery may be born so many days apart
    id_numbers: dict[FieldName, FieldName] = Field(default_factory=dict)  # by role of the parent; the first bore it

    @property
    def named(self) -> tuple[str, ...]:
        order = (self.order,) if self.order else ()
        return (self.way, self.householder, self.naming, self.born_on, *order, *self.id_numbers.values())


def objections(
    fields: RegisterFields,
    rules: RegisterRulesPublished | None,
    form: Mapping[str, str],
    parents: Parents,
    handed_in_on: date,
) -> dict[str, Text]:
    """What the register would refuse of this form, by field, and of the parents as it has them."""
    if rules is None:
        return {}
    return {
        **_of_ages(fields, rules.parents, form, handed_in_on),
        **_of_the_parents(fields, rules, form, parents),
        **_of_the_form(fields, rules, form, handed_in_on),
    }


def _of_the_parents(
    fields: RegisterFields, rules: RegisterRulesPublished, form: Mapping[str, str], parents: Parents
) -> dict[str, Text]:
    found: dict[str, Text] = {}
    known, born_on = parents.known, form.get(fields.born_on)
    for number, (role, field) in enumerate(fields.id_numbers.items()):
        is_bearer = number == 0
        written, died_on = known.get(f"{role}.id_number"), known.get(f"{role}.died_on")
        if written and (sex := parents.sexes.get(role)) and IdNumber(written).is_male != (sex == "male"):
            found[field] = SEX
        elif born_on and died_on and _died_before(is_bearer or parents.is_named, born_on, died_on, rules):
            found[field] = DEAD
    if f"{form.get(fields.householder)}.died_on" in known:
        found[fields.householder] = HOUSEHOLD_CLOSED
    if parents.late and f"{parents.late}.name" in known and f"{parents.late}.died_on" not in known:
        found[fields.way] = LIVES
    return found


def _died_before(is_no_husband: bool, born_on: str, died_on: str, rules: RegisterRulesPublished) -> bool:
    days = (date.fromisoformat(born_on) - date.fromisoformat(died_on)).days
    return days > (0 if is_no_husband else rules.birth.posthumous_days)


def _of_the_form(
    fields: RegisterFields, rules: RegisterRulesPublished, form: Mapping[str, str], handed_in_on: date
) -> dict[str, Text]:
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


def _of_ages(
    fields: RegisterFields, rule: ParentRule | None, form: Mapping[str, str], handed_in_on: date
) -> dict[str, Text]:
    """What speaks against the parents' ages: two officers look into it at the police station, before anything is
    issued.
    """
    found: dict[str, Text] = {}
    if rule is None:
        return found
    born_on = form.get(fields.born_on)
    mother, father = fields.id_numbers.get("mother"), fields.id_numbers.get("father")
    for name, ages in ((mother, rule.mother_age), (father, rule.father_age)):
        number = form.get(name or "")
        if name is None or not number or not born_on:
            continue
        age = years_old(IdNumber(number).birth_date, date.fromisoformat(born_on))
        if age < ages.least:
            found[name] = TOO_YOUNG
        elif not ages.usual_from <= age <= ages.usual_to:
            found[name] = UNUSUAL_AGE
    number = form.get(father or "")
    if father and number and form.get(fields.way) == ACKNOWLEDGED:
        age = years_old(IdNumber(number).birth_date, handed_in_on)
        if age < rule.acknowledging_age:
            found[father] = not_of_age(rule.acknowledging_age)
    return found


def not_of_age(age: int) -> Text:
    return Text(
        f"认领孩子的父亲未满{age}周岁，须由其监护人同意；请与监护人一同到落户地派出所办理，也可先选择由母亲一方申报。",
        f"The father who acknowledges the child is under {age}, so his guardian has to agree; please go to the police "
        "station of the household together with his guardian, or first choose the mother alone.",
    )
