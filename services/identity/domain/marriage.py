"""A marriage, as civil affairs tells it: recorded, ended by divorce or by a death, restored when that death was none.

`edition` counts what came to an end: the marriage itself, or an attempt to record or restore it. Spouses are claimed
for an edition, and nothing is recorded or restored under one that is over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.identity.domain.entry_fields import wrong_field
from services.identity.domain.events import MarriageAttemptLapsed
from services.identity.domain.person import Entered
from services.identity.domain.today import today, years_old
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import MarriageEnded, MarriageRecorded, MarriageRestored
from shared.eventstore.aggregate import Aggregate

LICENCE = re.compile(r"B?J[0-9]{6}-[0-9]{4}-[0-9]{6}")  # registry, year, number; a reissued one begins with B
YOUNGEST_HUSBAND, YOUNGEST_WIFE = 22, 20  # full years, Civil Code Art. 1047

Reason = Literal["divorce", "death", "annulled"]


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Nobody told of it, or whoever did has not come to an end."""

    edition: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    marriage: UUID
    persons: tuple[UUID, ...]  # husband and wife
    licence: str
    married_on: date
    edition: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    marriage: Standing
    reason: Reason
    ended_on: date
    edition: int


State = Unrecorded | Standing | Ended


@dataclass(frozen=True, slots=True)
class RecordMarriage:
    """`husband` and `wife` as the register has them, both alive."""

    marriage: UUID
    husband: Entered
    wife: Entered
    licence: str
    married_on: date
    now: datetime
    edition: int = 0  # that both are claimed for


@dataclass(frozen=True, slots=True)
class EndMarriage:
    reason: Reason
    ended_on: date
    now: datetime


@dataclass(frozen=True, slots=True)
class RestoreMarriage:
    """The record of the death that ended it was withdrawn; both live, and are claimed for this edition."""

    edition: int
    now: datetime


@dataclass(frozen=True, slots=True)
class LapseAttempt:
    """Nobody goes on recording or restoring it. Says nothing when that came to an end meanwhile."""

    marriage: UUID
    edition: int
    now: datetime


Command = RecordMarriage | EndMarriage | RestoreMarriage | LapseAttempt


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Unrecorded() | Ended(), LapseAttempt() if state.edition == command.edition:
            return [MarriageAttemptLapsed(marriage=command.marriage, lapsed_at=command.now)]
        case _, LapseAttempt():
            return []
        case Unrecorded(), RecordMarriage():
            require_edition(state, command)
            return [record(command)]
        case Standing() | Ended(), RecordMarriage():
            raise licence_used()
        case Standing(), EndMarriage():
            return [end(state, command)]
        case Ended(), EndMarriage() if (state.reason, state.ended_on) == (command.reason, command.ended_on):
            return []
        case Ended(), RestoreMarriage():
            return [restore(state, command)]
        case Standing(), RestoreMarriage():
            return []
        case Ended(), EndMarriage():
            raise Refused(
                "marriage_over",
                "这段婚姻已登记结束，不能再次办理；登记有误的，请报上级户政部门处理。",
                "This marriage is over already; if that is an error, report it to the register's superior office.",
            )
        case _:
            raise no_such_marriage()


def record(command: RecordMarriage) -> MarriageRecorded:
    """Raises Invalid and Refused for what no marriage can be."""
    husband, wife = command.husband, command.wife
    if not LICENCE.fullmatch(command.licence):
        raise wrong_field(
            "licence",
            "结婚证字号形如J130123-2021-000520，请对照结婚证填写。",
            "A licence reads like J130123-2021-000520; please give it as on the marriage certificate.",
        )
    if not husband.id_number.is_male or wife.id_number.is_male:
        raise Refused(
            "spouses_mistaken",
            "男方、女方的公民身份号码与性别不符，请核对是否填反。",
            "The ID numbers do not fit husband and wife; please check whether they were mixed up.",
        )
    if command.married_on > today(command.now):
        raise wrong_field(
            "married_on", "登记日期不能晚于今天，请核对。", "The day of the marriage is today or before; please check."
        )
    if (
        years_old(husband.id_number, command.married_on) < YOUNGEST_HUSBAND
        or years_old(wife.id_number, command.married_on) < YOUNGEST_WIFE
    ):
        raise Refused(
            "too_young",
            "登记之日未达法定婚龄：男不得早于二十二周岁，女不得早于二十周岁（《民法典》第一千零四十七条）。",
            "One of them was too young that day: 22 years for a man, 20 for a woman (Civil Code Art. 1047).",
        )
    return MarriageRecorded(
        marriage=command.marriage,
        persons=(husband.person, wife.person),
        licence=command.licence,
        married_on=command.married_on,
        recorded_at=command.now,
    )


def end(marriage: Standing, command: EndMarriage) -> MarriageEnded:
    """One death in a marriage may be told late, and then lie before it: no end is refused for that."""
    if command.reason == "divorce" and not marriage.married_on <= command.ended_on <= today(command.now):
        raise wrong_field(
            "ended_on",
            "离婚日期应在结婚日期之后、今天之前（含当日），请对照离婚证核对。",
            "The divorce lies between the marriage and today; please compare it with the divorce certificate.",
        )
    return MarriageEnded(
        marriage=marriage.marriage,
        persons=marriage.persons,
        reason=command.reason,
        ended_on=command.ended_on,
        recorded_at=command.now,
    )


def restore(ended: Ended, command: RestoreMarriage) -> MarriageRestored:
    if ended.reason != "death":
        raise Refused(
            "ended_by_divorce",
            "这段婚姻因离婚结束，不能恢复；双方可以重新办理结婚登记。",
            "This marriage ended by divorce and cannot be restored; the two may marry again.",
        )
    require_edition(ended, command)
    of = ended.marriage
    return MarriageRestored(marriage=of.marriage, persons=of.persons, restored_at=command.now)


def require_edition(state: Unrecorded | Ended, command: RecordMarriage | RestoreMarriage) -> None:
    if state.edition != command.edition:
        raise Refused(
            "attempt_lapsed",
            "办理中断过久，已由另一项登记接续；请核对双方的婚姻状况后重新提交。",
            "This took too long and another record went ahead; please check how the two stand and send it again.",
        )


def evolve(state: State, event: Event) -> State:
    match state, event:
        case Unrecorded(), MarriageRecorded():
            return Standing(event.marriage, event.persons, event.licence, event.married_on, state.edition)
        case Standing(), MarriageEnded():
            return Ended(state, event.reason, event.ended_on, state.edition + 1)
        case Unrecorded() | Ended(), MarriageAttemptLapsed():
            return replace(state, edition=state.edition + 1)
        case Ended(), MarriageRestored():
            return replace(state.marriage, edition=state.edition)
        case _:
            return state


MARRIAGE: Aggregate[State, Command] = Aggregate("marriage", Unrecorded(), decide, evolve)


def persons_of(state: Standing | Ended) -> tuple[UUID, ...]:
    return state.persons if isinstance(state, Standing) else state.marriage.persons


def licence_used() -> Refused:
    return Refused(
        "licence_used",
        "该结婚证字号已登记，请核对；如需更改，请先核实原登记。",
        "This marriage licence is recorded already; please check it against that record.",
    )


def no_such_marriage() -> NotFound:
    return NotFound(
        "no_such_marriage",
        "没有这项婚姻登记，请核对后重试。",
        "There is no such marriage on record; please check and try again.",
    )
