"""Fields that several bodies have."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from services.identity.domain.entry_fields import LONGEST_LINE, LONGEST_NAME
from services.identity.domain.password import LONGEST
from services.identity.domain.staff import serving_division
from shared.standards import divisions
from shared.standards.division_names import full_name
from shared.standards.divisions import WHOLE_COUNTRY


class Body(BaseModel):
    """What a client sends: nothing it does not know how to use."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Name = Annotated[str, Field(max_length=LONGEST_NAME, examples=["王小明"])]
Line = Annotated[str, Field(max_length=LONGEST_LINE)]
Password = Annotated[SecretStr, Field(max_length=LONGEST)]
Division = Annotated[
    str,
    AfterValidator(lambda code: divisions.get(code).code),
    Field(description="行政区划代码 Division, GB/T 2260 + 10114, 12 digits", examples=["130123100242"]),
]
ServingDivision = Annotated[
    str,
    AfterValidator(serving_division),
    Field(description="任职区划代码；000000000000为全国 Division served; 000000000000 is the whole country"),
]


def place_name(code: str) -> str:
    """A division's name in full; the code itself when the list of this edition no longer has it."""
    if code == WHOLE_COUNTRY:
        return "全国"
    return full_name(code) if divisions.find(code) else code
