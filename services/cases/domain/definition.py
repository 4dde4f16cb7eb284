"""What a one-thing case is: dated data. Nothing but a definition has to be written for a new one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.cases.domain.eligibility import Rule
from services.cases.domain.requests import REQUESTS
from shared.contracts.case_items import Words
from shared.contracts.cases import Effort, PlannedItem
from shared.forms.fields import ChoiceField, FieldName, FormField
from shared.standards.divisions import find as find_division
from shared.standards.text import Text

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]
FACTS = frozenset({"name", "id_number", "birth_date", "division", "address", "phone"})
"""What is known of a person, and may fill a field: 'mother.name'."""


class Person(BaseModel):
    """Somebody the case is about, who is in the household register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: FieldName
    name: Text
    sex: Literal["female", "male"] | None = None


class Item(BaseModel):
    """What one department does, what it needs and what it makes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    name: Text
    department: str
    action: Code
    parameters: dict[Code, str] = Field(default_factory=dict)
    inputs: dict[Code, str] = Field(default_factory=dict)
    needs: tuple[Code, ...] = ()
    makes: tuple[Code, ...] = ()
    promise_days: int = Field(ge=1, le=60)
    when_refused: Literal["others_stay", "undo_others"] = "others_stay"
    when_stopped: Literal["stays", "undo"] = "stays"
    separately: Effort  # what this item alone would ask of a citizen

    def planned(self) -> PlannedItem:
        told = self.model_dump(exclude={"name", "separately"})
        return PlannedItem(name=Words(zh=self.name.zh, en=self.name.en), **told)


class Hospitals(BaseModel):
    """Where each hospital that a form may name stands. A hospital's window hands in for its own and no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: FieldName
    divisions: dict[FieldName, str]  # choice -> 12 digits

    def problems(self, fields: Mapping[str, FormField]) -> Iterator[str]:
        field = fields.get(self.field)
        if not isinstance(field, ChoiceField):
            yield f"hospitals.field: there is no choice {self.field}"
        elif odd := {choice.code for choice in field.choices} ^ self.divisions.keys():
            yield f"hospitals.divisions: {', '.join(sorted(odd))} is not in both the choices and the divisions"
        for code, division in self.divisions.items():
            if find_division(division) is None:
                yield f"hospitals.divisions.{code}: there is no division {division}"


class Definition(BaseModel):
    """One version of a definition. A case keeps the plan of the version it began under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    version: int = Field(ge=1)
    in_force_from: date
    source: tuple[str, ...] = Field(min_length=1)
    name: Text
    summary: Text
    promise_days: int = Field(ge=1, le=60)  # working days for the whole
    effort: Effort
    persons: tuple[Person, ...] = Field(min_length=1)  # the applicant is one of them
    joined_by: Literal["marriage"] | None = None  # how the others are found
    consents: tuple[FieldName, ...] = ()  # roles that must agree, from their own accounts; the applicant has
    division: FieldName  # the field that says whose people are told when it takes too long
    about: tuple[str, ...] = Field(min_length=1)  # fields and persons that say which case it is: one each
    fields: tuple[FormField, ...] = Field(min_length=1)
    hospitals: Hospitals | None = None  # without: no hospital's window hands it in
    eligibility: tuple[Rule, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)

    @property
    def plan(self) -> tuple[PlannedItem, ...]:
        return tuple(item.planned() for item in self.items)

    @property
    def separately(self) -> Effort:
        """What all items would ask one by one."""
        each = [item.separately for item in self.items]
        return Effort(
            forms=sum(one.forms for one in each),
            visits=sum(one.visits for one in each),
            materials=sum(one.materials for one in each),
        )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for problem in (*self._problems_of_the_form(), *self._problems_of_items(), *self._problems_of_order()):
            raise ValueError(problem)
        return self

    def _problems_of_the_form(self) -> Iterator[str]:
        names = {field.name for field in self.fields}
        roles = {person.role for person in self.persons}
        if len(names) < len(self.fields):
            yield "fields: a name occurs twice"
        if len(self.persons) > 1 and self.joined_by is None:
            yield "persons: several need joined_by, which says how they are found"
        known = {f"{role}.{fact}" for role in roles for fact in FACTS} | {f"{self.joined_by}.licence"}
        for field in self.fields:
            if field.prefill and field.prefill not in known:
                yield f"fields.{field.name}: no source {field.prefill}; there are {', '.join(sorted(known))}"
            if not field.editable and field.prefill is None:
                yield f"fields.{field.name}: what cannot be edited needs a prefill"
        if strangers := set(self.consents) - roles:
            yield f"consents: there is no person {', '.join(sorted(strangers))}"
        if self.division not in names:
            yield f"division: there is no field {self.division}"
        if unknown := set(self.about) - names - roles:
            yield f"about: there is no field or person {', '.join(sorted(unknown))}"
        if self.hospitals:
            yield from self.hospitals.problems({field.name: field for field in self.fields})
        for rule in self.eligibility:
            if rule.field not in names:
                yield f"eligibility.{rule.rule}: there is no field {rule.field}"
            if strangers := set(getattr(rule, "persons", ())) - roles:
                yield f"eligibility.{rule.rule}: there is no person {', '.join(sorted(strangers))}"

    def _problems_of_items(self) -> Iterator[str]:
        codes = [item.code for item in self.items]
        if len(set(codes)) < len(codes):
            yield "items: a code occurs twice"
        names = {field.name for field in self.fields}
        made = {result for item in self.items for result in item.makes}
        if asked := names & made:
            yield f"fields: {', '.join(sorted(asked))} is made by an item and must not be asked of the citizen"
        makes = {item.code: set(item.makes) for item in self.items}
        for item in self.items:
            if item.department not in REQUESTS:
                yield f"items.{item.code}: no department {item.department} to ask; there are {', '.join(REQUESTS)}"
            if unknown := set(item.needs) - makes.keys():
                yield f"items.{item.code}: needs {', '.join(sorted(unknown))}, which is no item"
            for name, source in item.inputs.items():
                kind, _, rest = source.partition(".")
                code, _, result = rest.partition(".")
                if kind == "form" and rest in names:
                    continue
                if kind == "item" and result in makes.get(code, ()):
                    if code not in item.needs:
                        yield f"items.{item.code}: inputs.{name} comes of {code}, which it does not need"
                    continue
                yield f"items.{item.code}: inputs.{name}: nothing gives {source}"

    def _problems_of_order(self) -> Iterator[str]:
        """Items that wait for each other would wait for ever."""
        left = {item.code: set(item.needs) for item in self.items}
        while free := {code for code, needs in left.items() if not needs & left.keys()}:
            for code in free:
                del left[code]
        if left:
            yield f"items: {', '.join(sorted(left))} wait for each other"
