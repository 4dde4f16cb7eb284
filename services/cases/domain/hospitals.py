"""Hospitals that a form may name: where each stands, and which body issues for it. Data."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from shared.forms.fields import ChoiceField, FieldName, FormField
from shared.standards.credit_code import CreditCode
from shared.standards.divisions import find as find_division
from shared.standards.errors import NotValid

FACTS = ("issuer", "name", "place", "division")
"""What an item may be given of the hospital that was chosen: 'hospital.issuer'."""


class Hospital(BaseModel):
    """`issuer`: unified social credit code of the body that issues for births there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    division: str  # 12 digits, where its window stands
    issuer: str
    name: str  # in full, as its seal has it
    place: str  # as a birth certificate names it


class Hospitals(BaseModel):
    """A hospital's window hands in for its own and no other. Versions before the second say only where each stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: FieldName
    divisions: dict[FieldName, str] = Field(default_factory=dict)  # choice -> 12 digits
    of: dict[FieldName, Hospital] = Field(default_factory=dict)

    def division(self, choice: str) -> str | None:
        hospital = self.of.get(choice)
        return hospital.division if hospital else self.divisions.get(choice)

    def facts(self, form: Mapping[str, str]) -> dict[str, str]:
        """Those of the hospital chosen, as items are given them."""
        hospital = self.of.get(form.get(self.field, ""))
        return {f"{self.field}.{fact}": getattr(hospital, fact) for fact in FACTS} if hospital else {}

    def problems(self, fields: Mapping[str, FormField], refused: frozenset[str]) -> Iterator[str]:
        """`refused`: choices that a rule sends elsewhere."""
        field = fields.get(self.field)
        placed = {**self.divisions, **{code: one.division for code, one in self.of.items()}}
        if not isinstance(field, ChoiceField):
            yield f"hospitals.field: there is no choice {self.field}"
        elif odd := ({choice.code for choice in field.choices} - refused) ^ placed.keys():
            yield f"hospitals: {', '.join(sorted(odd))} is not in both the choices and the hospitals"
        for code, division in placed.items():
            if find_division(division) is None:
                yield f"hospitals.{code}: there is no division {division}"
        for code, hospital in self.of.items():
            try:
                CreditCode(hospital.issuer)
            except NotValid as problem:
                yield f"hospitals.{code}: {problem.text.en}"
