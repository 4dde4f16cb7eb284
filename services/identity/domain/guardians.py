"""Who looks after a minor (监护人): part of the minor's entry in the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.entry_fields import wrong_field
from services.identity.domain.today import is_of_age, today
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import GuardiansNamed
from shared.standards.id_number import IdNumber

MOST_GUARDIANS = 4  # guardians of one minor


@dataclass(frozen=True, slots=True)
class NameGuardians:
    """Persons of the register who live and are of age: whoever sends this has looked (`can_guard`)."""

    guardians: tuple[UUID, ...]
    now: datetime


def name_guardians(minor: UUID, number: IdNumber, present: tuple[UUID, ...], command: NameGuardians) -> Sequence[Event]:
    """Raises Invalid and Refused."""
    if is_of_age(number, today(command.now)):
        raise Refused(
            "of_age",
            "此人已满十八周岁，不再登记监护人；如属无民事行为能力，请凭法院判决到派出所办理。",
            "This person is 18 or older and has no guardians in the register; for an adult who cannot act, bring the "
            "court's ruling to the police station.",
        )
    guardians = command.guardians
    if not 1 <= len(guardians) <= MOST_GUARDIANS or len(set(guardians)) != len(guardians) or minor in guardians:
        raise wrong_field(
            "guardians",
            "请填写一至四位互不相同的监护人，且不能是被监护人本人。",
            "Please name one to four different guardians, and not the person himself.",
        )
    return [] if set(guardians) == set(present) else [named(minor, guardians, command.now)]


def can_guard(number: IdNumber, now: datetime) -> None:
    """Raises Refused for who is not of age himself."""
    if not is_of_age(number, today(now)):
        raise Refused(
            "guardian_too_young",
            "监护人须年满十八周岁，请核对所填的人。",
            "A guardian is 18 or older; please check whom you named.",
        )


def named(minor: UUID, guardians: tuple[UUID, ...], now: datetime) -> GuardiansNamed:
    return GuardiansNamed(person=minor, guardians=guardians, named_at=now)
