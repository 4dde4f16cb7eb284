"""Which facts may be asked, by whom and what for: data, read and checked at start."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.certificates.yaml_entries import read
from shared.contracts.errors import Misconfigured
from shared.contracts.identity import Role
from shared.standards.text import Text

FILE = Path(__file__).with_name("facts.yaml")

FactName = Literal["resident", "alive", "adult", "holds_certificate"]
Refusal = Literal["role", "purpose"]


class AskableFact(BaseModel):
    """One fact; how it is answered is code (answering.py)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: FactName
    name: Text
    means: Text
    needs: Literal["division", "certificate_type"] | None = None  # what the question must name beside the person
    attribute: Literal["unconditional", "conditional"]  # 无条件共享、有条件共享
    basis: str = Field(min_length=1)
    askers: frozenset[Role] = Field(min_length=1)
    purposes: Mapping[str, Text]  # by code; of an unconditional one, none is listed and any will do

    def refusal(self, roles: frozenset[Role], purpose: str) -> Refusal | None:
        """Why someone in these roles may not ask it for this purpose, if so."""
        if not roles & self.askers:
            return "role"
        return "purpose" if self.attribute == "conditional" and purpose not in self.purposes else None

    @model_validator(mode="after")
    def _conditions_are_named(self) -> Self:
        if (self.attribute == "conditional") != bool(self.purposes):
            raise ValueError("purposes: a conditional fact lists them, an unconditional one does not")
        return self


@cache
def askable_facts() -> Mapping[FactName, AskableFact]:
    return load(FILE)


def load(file: Path) -> Mapping[FactName, AskableFact]:
    """Raises Misconfigured naming entry and field."""
    facts = read(file, AskableFact)
    if len({one.fact for one in facts}) < len(facts):
        raise Misconfigured(f"{file.name}: a fact occurs twice")
    return {one.fact: one for one in facts}
