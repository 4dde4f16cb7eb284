"""The rules by which the household register takes entries, as data: dated, and told to the other departments."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.errors import Refused
from shared.contracts.identity import BirthRule, NameRule, ParentRule, RegisterRulesPublished

Way = Literal["wedlock", "mother_alone", "acknowledged", "posthumous"]
Parent = Literal["mother", "father"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProofOfParentage(_Entry):
    """This way into this parent's household needs the number of a parentage test."""

    way: Way
    householder: Parent


class Relation(_Entry):
    """What a child is to the householder."""

    male: str
    female: str


class Elsewhere(_Entry):
    """What the register does not do by a case, and which office does."""

    code: str
    zh: str
    en: str
    source: str


class Ages(_Entry):
    """As `AgeRule`, strictly read."""

    least: int = Field(ge=1, le=200)
    usual_from: int = Field(ge=1, le=200)
    usual_to: int = Field(ge=1, le=200)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.least <= self.usual_from <= self.usual_to:
            raise ValueError("`least`, `usual_from` and `usual_to` do not follow each other")
        return self


class _Births(_Entry):
    """As `BirthRule`, strictly read."""

    ways: tuple[Way, ...] = Field(min_length=1)
    householders: tuple[Parent, ...] = Field(min_length=1)
    surnames_of: tuple[Parent, ...] = Field(min_length=1)
    custom_names: bool
    months: int = Field(ge=1, le=24)
    posthumous_days: int = Field(ge=1, le=366)
    delivery_days: int = Field(ge=1, le=366)
    mother_age: Ages | None = None
    father_age: Ages | None = None
    acknowledging_age: int | None = Field(default=None, ge=1, le=100)

    @model_validator(mode="after")
    def _says_all_of_parents(self) -> Self:
        if len({one is None for one in (self.mother_age, self.father_age, self.acknowledging_age)}) > 1:
            raise ValueError("`mother_age`, `father_age` and `acknowledging_age` are said together")
        return self

    def age_of(self, parent: Parent) -> Ages | None:
        return self.mother_age if parent == "mother" else self.father_age


class _Names(_Entry):
    shortest: int = Field(ge=1)
    longest: int = Field(le=200)
    signs: str


class RegisterRules(_Entry):
    """One version. `sources` name the law, or that a figure is a parameter."""

    version: int = Field(ge=1)
    in_force_from: date
    sources: tuple[str, ...] = Field(min_length=1)
    name: _Names
    birth: _Births
    orders: tuple[str, ...] = Field(min_length=1)
    midnight_days: int = Field(ge=0, le=7)
    proof_of_parentage: tuple[ProofOfParentage, ...]
    relations: dict[str, Relation]  # by the relation of the parent whose household the child joins
    elsewhere: tuple[Elsewhere, ...]

    @model_validator(mode="after")
    def _knows_the_offices(self) -> Self:
        codes = [one.code for one in self.elsewhere]
        offices = OFFICES | (OFFICES_FOR_AGES if self.birth.mother_age else set())
        if missing := offices - set(codes):
            raise ValueError(f"`elsewhere` lacks {', '.join(sorted(missing))}")
        if len(set(codes)) < len(codes):
            raise ValueError("`elsewhere` names a code twice")
        return self

    def needs_proof(self, way: str, householder: str) -> bool:
        return any((one.way, one.householder) == (way, householder) for one in self.proof_of_parentage)

    def relation(self, of_parent: str | None, *, is_male: bool) -> str | None:
        """Of a newborn to the householder; None: the registrar says."""
        found = self.relations.get(of_parent or "")
        return (found.male if is_male else found.female) if found else None

    def go_elsewhere(self, code: str) -> Refused:
        """The clear no, which names the office."""
        one = next(one for one in self.elsewhere if one.code == code)
        return Refused(code, one.zh, one.en)

    def published(self, now: datetime) -> RegisterRulesPublished:
        return RegisterRulesPublished(
            version=self.version,
            in_force_from=self.in_force_from,
            name=NameRule(**self.name.model_dump()),
            birth=BirthRule.model_validate(self.birth.model_dump()),
            sources=self.sources,
            published_at=now,
            parents=ParentRule.model_validate(self.birth.model_dump()) if self.birth.mother_age else None,
        )


OFFICES = frozenset({"parent_not_registered", "too_late", "stillbirth", "father_died_too_early", "no_parent_left"})
OFFICES_FOR_AGES = frozenset({"parent_too_young", "father_not_of_age"})


def in_force(versions: Sequence[RegisterRules], day: date) -> RegisterRules:
    """Those that hold on a day; before the first of them, the first."""
    begun = [one for one in versions if one.in_force_from <= day]
    return max(begun, key=lambda one: one.in_force_from) if begun else versions[0]
