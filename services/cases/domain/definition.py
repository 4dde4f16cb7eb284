"""What a one-thing case is: dated data. Nothing but a definition has to be written for a new one."""

from collections.abc import Iterator, Mapping, Set
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.cases.domain import hospitals
from services.cases.domain.eligibility import NotHere, Rule, SurnameOf
from services.cases.domain.hospitals import Hospitals
from services.cases.domain.register_rules import RegisterFields
from services.cases.domain.requests import REQUESTS
from services.cases.domain.way import FoundBy, Loss, Way, Withdrawal
from shared.contracts.case_items import Words
from shared.contracts.cases import Effort, Handling, PlannedItem
from shared.forms.fields import ChoiceField, FieldName, FormField
from shared.standards.text import Text

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]
FACTS = frozenset({"name", "id_number", "birth_date", "division", "address", "residence", "phone"})
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
    when_changed: Literal["stays", "redo", "fixed"] = "stays"
    keeps_subject: bool = False
    undo_others_on: tuple[Code, ...] = ()
    unanswered_after_hours: int = Field(default=72, ge=1, le=24 * 60)
    separately: Effort  # what this item alone would ask of a citizen

    def planned(self) -> PlannedItem:
        told = self.model_dump(exclude={"name", "separately", *Handling.model_fields})
        return PlannedItem(name=Words(zh=self.name.zh, en=self.name.en), **told)

    @property
    def handling(self) -> Handling:
        return Handling(**self.model_dump(include=set(Handling.model_fields)))


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
    joined_by: Literal["marriage"] | None = None  # how the others are found, where there is but one way
    consents: tuple[FieldName, ...] = ()  # roles that must agree, where there is but one way; the applicant has
    way: FieldName | None = None  # the field that says which of the ways it is
    ways: tuple[Way, ...] = ()
    consent_rests_on: dict[FieldName, tuple[FieldName, ...]] = Field(default_factory=dict)  # by role
    chosen: dict[FieldName, FieldName] = Field(default_factory=dict)  # 'householder' -> the field that names the role
    defaults: dict[FieldName, str] = Field(default_factory=dict)  # of fields that are left empty
    losses: dict[FieldName, Loss] = Field(default_factory=dict)  # by role
    withdrawals: dict[FieldName, Withdrawal] = Field(default_factory=dict)  # reasons with words of their own
    register_rules: RegisterFields | None = None  # which field the register's rules speak of
    division: FieldName  # the field that says whose people are told when it takes too long
    about: tuple[str, ...] = Field(min_length=1)  # fields and persons that say which case it is: one each
    fields: tuple[FormField, ...] = Field(min_length=1)
    hospitals: Hospitals | None = None  # without: no hospital's window hands it in
    eligibility: tuple[Rule, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)

    @property
    def every_way(self) -> tuple[Way, ...]:
        """Its ways; the one way of a definition that names none."""
        if self.ways:
            return self.ways
        roles = tuple(person.role for person in self.persons)
        found_by: FoundBy = "marriage" if self.joined_by else "applicant"
        return (Way(code="only", found_by=found_by, roles=roles, consents=self.consents, source=self.source[0]),)

    def way_called(self, code: str | None) -> Way | None:
        """None: there is no such way. Of one that names none, the only one."""
        if not self.ways:
            return self.every_way[0]
        return next((way for way in self.ways if way.code == code), None)

    def fields_of(self, way: Way | None) -> tuple[FormField, ...]:
        """Those that are asked in this way."""
        return tuple(field for field in self.fields if way is None or field.name not in way.without)

    def typed(self, way: Way) -> tuple[str, ...]:
        """Fields that an applicant writes. Who the case is about cannot be changed under it."""
        fixed = {*self.about, self.way, way.typed_name, way.typed_id_number}
        return tuple(field.name for field in self.fields_of(way) if field.editable and field.name not in fixed)

    @property
    def sent_elsewhere(self) -> Mapping[str, frozenset[str]]:
        """Field -> its choices that are not done here."""
        return {rule.field: frozenset(rule.values) for rule in self.eligibility if isinstance(rule, NotHere)}

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
        fields = {field.name: field for field in self.fields}
        if len(names) < len(self.fields):
            yield "fields: a name occurs twice"
        if len(self.persons) > 1 and self.joined_by is None and not self.ways:
            yield "persons: several need joined_by or ways, which say how they are found"
        joined_by = "marriage" if any(way.found_by == "marriage" for way in self.every_way) else None
        known = {f"{role}.{fact}" for role in (roles | self.chosen.keys()) for fact in FACTS} | {f"{joined_by}.licence"}
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
            refused = self.sent_elsewhere.get(self.hospitals.field, frozenset())
            yield from self.hospitals.problems(fields, refused)
        yield from self._problems_of_ways(fields, roles)
        named = {
            "chosen": self.chosen.values(),
            "defaults": self.defaults,
            "register_rules": self.register_rules.named if self.register_rules else (),
            **{f"consent_rests_on.{role}": rests for role, rests in self.consent_rests_on.items()},
        }
        for where, some in named.items():
            if unknown := set(some) - names:
                yield f"{where}: there is no field {', '.join(sorted(unknown))}"
        made = {result for item in self.items for result in item.makes}
        for where, some in (("consent_rests_on", self.consent_rests_on), ("losses", self.losses)):
            if strangers := set(some) - roles - made:
                yield f"{where}: there is no person {', '.join(sorted(strangers))}"
        for rule in self.eligibility:
            if rule.field not in names:
                yield f"eligibility.{rule.rule}: there is no field {rule.field}"
            if strangers := set(getattr(rule, "persons", ())) - roles:
                yield f"eligibility.{rule.rule}: there is no person {', '.join(sorted(strangers))}"
            conditions = {**getattr(rule, "when", {}), **(rule.unless if isinstance(rule, SurnameOf) else {})}
            if unknown := conditions.keys() - names:
                yield f"eligibility.{rule.rule}: there is no field {', '.join(sorted(unknown))}"

    def _problems_of_ways(self, fields: Mapping[str, FormField], roles: Set[str]) -> Iterator[str]:
        if bool(self.ways) != bool(self.way):
            yield "ways: `way` names the field that says which"
            return
        if not self.ways:
            return
        field, codes = fields.get(self.way or ""), {way.code for way in self.ways}
        if not isinstance(field, ChoiceField):
            yield f"way: there is no choice {self.way}"
        elif (
            odd := {choice.code for choice in field.choices} - self.sent_elsewhere.get(field.name, frozenset()) ^ codes
        ):
            yield f"ways: {', '.join(sorted(odd))} is not in both the choices and the ways"
        for way in self.ways:
            if strangers := {*way.roles, *way.consents} - roles:
                yield f"ways.{way.code}: there is no person {', '.join(sorted(strangers))}"
            written = {one for one in (way.typed_name, way.typed_id_number, way.counted_from) if one}
            if unknown := {*way.without, *written} - fields.keys():
                yield f"ways.{way.code}: there is no field {', '.join(sorted(unknown))}"
            if way.found_by == "typed" and not (way.typed_name and way.typed_id_number):
                yield f"ways.{way.code}: typed needs typed_name and typed_id_number"
            if way.found_by == "late_spouse" and not (way.counted_from and way.most_days):
                yield f"ways.{way.code}: late_spouse needs counted_from and most_days"

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
                if kind == "person" and rest in {person.role for person in self.persons}:
                    continue
                if self.hospitals and kind == self.hospitals.field and self.hospitals.of and rest in hospitals.FACTS:
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
