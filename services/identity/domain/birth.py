"""A birth as a case tells it, and whether the register may take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.identity.domain.entry_fields import household_division, line, person_name, wrong_field
from services.identity.domain.person import Dead, Entered, State
from shared.contracts.errors import Invalid, Refused
from shared.standards.id_number import IdNumber
from shared.standards.surnames import surname_of

COUNTY = 6  # digits of a division that its county has


@dataclass(frozen=True, slots=True)
class Birth:
    name: str
    is_male: bool
    born_on: date
    order: str  # within the delivery: 'first'
    in_mothers_household: bool
    division: str  # 12 digits
    address: str
    mother: IdNumber
    father: IdNumber
    certificate: str  # identifier of the birth medical certificate

    @property
    def county(self) -> str:
        return self.division[:COUNTY]


def birth_of(inputs: Mapping[str, str], today: date) -> Birth:
    """Raises Invalid and NotValid."""
    return Birth(
        name=person_name(_given(inputs, "child_name")),
        is_male=_one_of(inputs, "child_sex", "female", "male") == "male",
        born_on=_birth_date(_given(inputs, "birth_date"), today),
        order=line("birth_order", _given(inputs, "birth_order")),
        in_mothers_household=_one_of(inputs, "householder", "father", "mother") == "mother",
        division=household_division(_given(inputs, "division")),
        address=line("address", _given(inputs, "address")),
        mother=IdNumber.parse(_given(inputs, "mother_id_number"), today),
        father=IdNumber.parse(_given(inputs, "father_id_number"), today),
        certificate=line("birth_certificate", _given(inputs, "birth_certificate")),
    )


def parents_of(birth: Birth, mother: State, father: State) -> tuple[Entered, Entered]:
    """The two as the register has them. Raises Refused for what keeps their child out of it."""
    entries = _living("mother", mother), _living("father", father)
    if birth.mother.is_male or not birth.father.is_male:
        raise Refused(
            "parents_mistaken",
            "父母的公民身份号码与性别不符，请核对母亲和父亲是否填反。",
            "The parents' ID numbers do not fit a mother and a father; please check whether they were mixed up.",
        )
    if not any(birth.name.startswith(surname_of(parent.name)) for parent in entries):
        raise Refused(
            "surname_of_neither_parent",
            "新生儿应随父姓或母姓（《民法典》第一千零一十五条）；选取其他姓氏的，请到派出所办理。",
            "A child bears its father's or mother's surname (Civil Code Art. 1015); for another one go to the police "
            "station.",
        )
    householder = entries[0] if birth.in_mothers_household else entries[1]
    if householder.division != birth.division:
        raise Refused(
            "household_elsewhere",
            "落户地址不在所选父亲或母亲的户口所在地，请改选落户方，或先办理户口迁移。",
            "The chosen parent's household is in another place; choose the other parent's, or move it first.",
        )
    return entries


def _living(who: str, parent: State) -> Entered:
    match parent:
        case Entered():
            return parent
        case Dead():
            raise Refused(
                f"{who}_dead",
                "父母一方的户口登记已因死亡注销，请持有关证明到派出所办理。",
                "One parent's entry was closed by a death; please go to the police station with the papers.",
            )
        case _:
            raise Refused(
                f"{who}_not_registered",
                "户口登记中查不到父母一方的公民身份号码，请先核对或到派出所补办登记。",
                "One parent's ID number is not in the household register; please check it, or have him or her entered "
                "first.",
            )


def _given(inputs: Mapping[str, str], field: str) -> str:
    if not (text := inputs.get(field, "").strip()):
        raise wrong_field(
            field, "申请中缺少此项，请补充后重新提交。", "This is missing; please add it and submit again."
        )
    return text


def _one_of(inputs: Mapping[str, str], field: str, *choices: str) -> str:
    if (choice := _given(inputs, field)) not in choices:
        raise wrong_field(field, "此项的选择不正确，请重新选择。", "There is no such choice; please choose again.")
    return choice


def _birth_date(text: str, today: date) -> date:
    try:
        born_on = date.fromisoformat(text)
    except ValueError:
        raise _wrong_birth_date() from None
    if born_on > today:
        raise _wrong_birth_date()
    return born_on


def _wrong_birth_date() -> Invalid:
    return wrong_field(
        "birth_date",
        "出生日期应为今天或以前的真实日期，请对照出生医学证明核对。",
        "The day of birth is a real one, today or before; please compare it with the birth certificate.",
    )
