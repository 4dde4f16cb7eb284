"""Fields that several bodies have."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr
from pydantic.config import JsonDict

from services.identity.domain.entry_fields import LONGEST_LINE
from services.identity.domain.household_place import LONGEST_NUMBER, LONGEST_RELATION, HouseholdPlace
from services.identity.domain.password import LONGEST
from services.identity.domain.staff import serving_division
from shared.contracts.catalogue import CONTRACTS
from shared.department.answer import division_name
from shared.department.body import Body
from shared.standards import divisions
from shared.standards.divisions import WHOLE_COUNTRY
from shared.standards.errors import NotValid
from shared.standards.person_name import LONGEST_TYPED

Name = Annotated[str, Field(max_length=LONGEST_TYPED, examples=["王小明"])]
Line = Annotated[str, Field(max_length=LONGEST_LINE)]
Password = Annotated[SecretStr, Field(max_length=LONGEST)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]  # by phone
Device = Annotated[str, Field(max_length=200)]
DIVISION_CODE: JsonDict = {"format": "division-code", "pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$"}

Division = Annotated[
    str,
    AfterValidator(lambda code: divisions.get(code).code),
    Field(
        description="行政区划代码 Division, GB/T 2260 + 10114: 12 digits; 6 or 9 are filled up with zeros",
        examples=["130123100242"],
        json_schema_extra=DIVISION_CODE,
    ),
]
ServingDivision = Annotated[
    str,
    AfterValidator(serving_division),
    Field(
        description="任职区划代码；000000000000为全国 Division served; 000000000000 is the whole country",
        examples=["130123000000"],
        json_schema_extra=DIVISION_CODE,
    ),
]
DEPARTMENTS = frozenset(contract.department for contract in CONTRACTS)


def known_department(name: str) -> str:
    """Raises NotValid."""
    if name not in DEPARTMENTS:
        raise NotValid(
            "unknown_department",
            f"没有这个部门，请填写其中之一：{'、'.join(sorted(DEPARTMENTS))}。",
            f"There is no such department; please name one of: {', '.join(sorted(DEPARTMENTS))}.",
        )
    return name


DepartmentName = Annotated[
    str,
    Field(
        max_length=40,
        description="系统运行人员负责的部门 The department that an operator runs",
        examples=["cases"],
        json_schema_extra={"enum": sorted(DEPARTMENTS)},
    ),
    AfterValidator(known_department),
]


class HouseholdFields(Body):
    """A person's place in their household; what is not known is left out."""

    household_number: Annotated[str, Field(max_length=LONGEST_NUMBER, examples=["130123001"])] | None = None  # 户号
    householder: UUID | None = None  # 户主, as a person of the register
    householder_name: Name | None = None  # where only the name is known
    relation: Annotated[str, Field(max_length=LONGEST_RELATION, examples=["妻"])] | None = None  # to the householder

    @property
    def place(self) -> HouseholdPlace:
        return HouseholdPlace(self.household_number, self.householder, self.householder_name, self.relation)


def place_name(code: str) -> str:
    """As `division_name`, and of those who serve everywhere."""
    return "全国" if code == WHOLE_COUNTRY else division_name(code)
