"""What a paper says of people whom the register knows: its holder, and a birth's child, mother and father.

Which field says what is data of the type: fields that nobody may edit follow from their prefill, others are listed
under `says`. What the register says otherwise now, the paper is replaced for by itself, or a body looks at it first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict

from services.certificates.domain.sources import OF_THE_HOUSEHOLD, OF_THE_REGISTER
from shared.forms.fields import FormField
from shared.standards.errors import NotValid
from shared.standards.person_name import is_same_name

Subject = Literal["holder", "child", "mother", "father", "householder"]
Fact = Literal[
    "child.name", "child.birth_date", "child.sex", "child.id_number",
    "mother.name", "mother.id_number", "father.name", "father.id_number", "holder.name", "holder.id_number",
    "householder.name",
]  # fmt: skip
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
WhenChanged = Literal["replace", "review"]


class Says(BaseModel):
    """`review`: the issuing body looks at it, and corrects the paper; it does not hold until then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: Fact
    when_changed: WhenChanged = "replace"


def _spelled_out(value: Any) -> Any:
    return {"fact": value} if isinstance(value, str) else value


SaysOf = Annotated[Says, BeforeValidator(_spelled_out)]
"""In YAML `child_name: child.name`, or with `when_changed`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Fields that say what the register no longer says, with what it says now."""

    now: Mapping[str, str]
    is_reviewed: bool  # a body has to look at it
    same: frozenset[str] = frozenset()  # fields that were compared and say what it says

    def __bool__(self) -> bool:
        return bool(self.now)


def difference(
    fields: Collection[FormField],
    says: Mapping[str, Says],
    rests_on: Collection[str],
    form: Mapping[str, str],
    known: Mapping[str, str],
    *,
    household: bool = False,
) -> Difference:
    """`known`: by fact, such as 'child.name'; what is not known is not compared. `household`: where they live, too."""
    sources: frozenset[str] = OF_THE_REGISTER if "identity" in rests_on else frozenset()
    if household:
        sources |= OF_THE_HOUSEHOLD
    now: dict[str, str] = {}
    same: set[str] = set()
    is_reviewed = False
    for field in fields:
        said = says.get(field.name)
        is_the_holders = said is None and not field.editable and field.prefill in sources
        fact = said.fact if said else (field.prefill or "").replace("person.", "holder.", 1) if is_the_holders else None
        value = known.get(fact) if fact else None
        before = form.get(field.name)
        if value is None or before is None:
            continue
        if _is_same(fact or "", before, value):
            same.add(field.name)
            continue
        now[field.name] = value
        is_reviewed = is_reviewed or (said is not None and said.when_changed == "review")
    return Difference(now, is_reviewed, frozenset(same))


def _is_same(fact: str, before: str, now: str) -> bool:
    if not fact.endswith(".name"):
        return before == now
    try:
        return before == now or is_same_name(before, now)
    except NotValid:
        return False
