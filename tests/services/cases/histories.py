"""What may have happened: cases, people and staff, by chance but repeatably."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID, uuid5

from services.cases.domain.answering import GiveUpItem, RetryItem, TakeAnswer
from services.cases.domain.case import CASE, Command
from services.cases.domain.case_state import Closed, NotOpened, Running, State, Stopping
from services.cases.domain.consent import GiveConsent, OpenCase, WithdrawConsent
from services.cases.domain.events import FactsCompared
from services.cases.domain.overdue import CaseOverdue, Escalate, NoteOverdue
from services.cases.domain.supplement import AskSupplement, Supplement
from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting
from shared.contracts.cases import CasePersonLost
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import (
    BirthRecorded,
    BirthRule,
    CitizenRegistered,
    DeathRecordWithdrawn,
    MarriageEnded,
    MarriageRecorded,
    MarriageRestored,
    NameRule,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
    RegisterRulesPublished,
    Role,
    StaffAppointed,
    StaffDismissed,
)
from shared.contracts.registry import Registry
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber
from tests.mandates import lives_of_mandates
from tests.services.cases.examples import (
    CLERK,
    FATHER,
    FATHERS_CONSENT,
    MOTHER,
    NO_SUCH_RECORD,
    NOW,
    after,
    item,
    opened,
)
from tests.services.certificates.histories import recorded

TODAY = NOW.date()
CHILD = UUID("018c94c2-4f00-7000-8000-0000000000c9")
OVERDUE_AT = NOW + timedelta(days=10)
ON_DESK = item("check", "cases")
RULES = RegisterRulesPublished(
    version=1,
    in_force_from=TODAY,
    name=NameRule(shortest=2, longest=50, signs="· '-"),
    birth=BirthRule(
        ways=("wedlock", "mother_alone", "acknowledged", "posthumous"),
        householders=("mother", "father"),
        surnames_of=("mother", "father"),
        custom_names=True,
        months=6,
        posthumous_days=300,
        delivery_days=240,
    ),
    sources=("示例",),
    published_at=NOW,
)
PEOPLE: dict[str, list[Event]] = {
    f"person-{MOTHER}": [
        PersonRegistered(
            person=MOTHER,
            name="季试用",
            id_number=IdNumber("130123199202189981"),
            division="130123100242",
            address="西街5排1号",
            registered_on=TODAY,
        ),
        PersonCorrected(
            person=MOTHER, name="季更正", id_number=IdNumber("130123199202189981"), reason="错字", corrected_at=NOW
        ),
        PersonMoved(
            person=MOTHER, from_division="130123100242", division="130123100200", address="南街2号", moved_on=TODAY
        ),
    ],
    f"person-{FATHER}": [
        PersonRegistered(
            person=FATHER,
            name="寓客来",
            id_number=IdNumber("130123198808169999"),
            division="130123100242",
            address="西街5排1号",
            registered_on=TODAY,
        ),
        PersonDied(person=FATHER, died_on=TODAY, recorded_at=NOW),
        DeathRecordWithdrawn(
            person=FATHER, died_on=TODAY, reason="误登", basis="正公户核〔2023〕12号", withdrawn_at=NOW
        ),
        PersonDied(person=FATHER, died_on=TODAY, recorded_at=NOW),
    ],
    f"person-{CHILD}": [
        BirthRecorded(
            person=CHILD,
            mother=MOTHER,
            father=FATHER,
            born_on=TODAY,
            order="first",
            birth_certificate="1.2.156",
            division="130123100242",
            case=None,
            recorded_at=NOW,
        )
    ],
    f"account-{MOTHER}": [
        CitizenRegistered(citizen=MOTHER, name="季试用", phone=MobileNumber("13800138000"), registered_at=NOW)
    ],
    f"marriage-{CLERK}": [
        MarriageRecorded(
            marriage=CLERK, persons=(MOTHER, FATHER), licence="J130123-2020-000123", married_on=TODAY, recorded_at=NOW
        ),
        MarriageEnded(marriage=CLERK, persons=(MOTHER, FATHER), reason="death", ended_on=TODAY, recorded_at=NOW),
        MarriageRestored(marriage=CLERK, persons=(MOTHER, FATHER), restored_at=NOW),
        MarriageEnded(marriage=CLERK, persons=(MOTHER, FATHER), reason="divorce", ended_on=TODAY, recorded_at=NOW),
    ],
    f"staff-{CLERK}": [
        StaffAppointed(
            staff=CLERK, name="窗小敏", roles=frozenset({Role.window}), division="130123000000", appointed_at=NOW
        ),
        StaffDismissed(staff=CLERK, dismissed_at=NOW),
    ],
}


def life(random: Random, case: UUID) -> list[Event]:
    """Of one case: whatever may happen to it, up to some moment."""
    plan = random.choice([(), (item("a", when_stopped="undo"), item("b", "insurance", "a"), ON_DESK)])
    consents = random.choice([(), (FATHERS_CONSENT,)])
    first = opened(*plan, consents=consents).model_copy(update={"case": case})
    events = list(CASE.decide(CASE.initial, OpenCase(first)))
    state = after(CASE.initial, events)
    for minute in range(random.randrange(12)):
        command = random.choice([*_possible(random, state, case, minute)] or [None])
        if command is None:
            break
        made = CASE.decide(state, command)
        events += made
        state = after(state, made)
    if not isinstance(state, NotOpened | Closed) and random.random() < 0.4:
        events += _compared(case)
    return events


def _compared(case: UUID) -> Iterator[Event]:
    """The father died, as the case was told."""
    yield CasePersonLost(
        case=case,
        applicant=MOTHER,
        role="father",
        person=FATHER,
        why="died",
        then="go_on",
        words=NO_SUCH_RECORD,
        tell=(MOTHER,),
        lost_at=NOW,
    )
    yield FactsCompared(case=case, as_told={str(FATHER): 1}, compared_at=NOW)


def _possible(random: Random, state: State, case: UUID, minute: int) -> Iterator[Command]:
    now = NOW + timedelta(minutes=minute)
    if not isinstance(state, Running | Stopping):
        if not isinstance(state, Closed):
            yield GiveConsent(FATHER, now)
        return
    for code, one in state.items.items():
        if one.is_with_a_department:
            refused = ItemRefused(
                case=case,
                item=code,
                attempt=one.attempt,
                code="no",
                reason=NO_SUCH_RECORD,
                may_retry=random.random() < 0.7,
                refused_at=now,
            )
            yield TakeAnswer(ItemDone(case=case, item=code, results={"certificate": "1.2.156"}, done_at=now))
            yield TakeAnswer(refused)
            yield TakeAnswer(ItemWaiting(case=case, item=code, waits_for=NO_SUCH_RECORD, since=now))
            if isinstance(state, Running) and state.supplement is None:
                yield NoteOverdue(code, "township", OVERDUE_AT, OVERDUE_AT)
                overdue = CaseOverdue(
                    case=case,
                    item=code,
                    level="township",
                    division="130123100000",
                    overdue_since=OVERDUE_AT,
                    noted_at=OVERDUE_AT,
                )
                yield Escalate(overdue, (CLERK,), OVERDUE_AT)
        elif one.status == "undoing":
            yield TakeAnswer(ItemUndone(case=case, item=code, undone_at=now))
        elif one.status == "refused" and one.may_retry and isinstance(state, Running):
            yield RetryItem(code, now)
            yield GiveUpItem(code, now)
    if isinstance(state, Running):
        yield Supplement(MOTHER, "CY-1", now) if state.supplement else AskSupplement(CLERK, "请补充编号", now)
        if random.random() < 0.4:
            yield WithdrawConsent(MOTHER, now)


def lives(random: Random, registry: Registry, count: int = 60) -> list[list[Recorded]]:
    cases = (uuid5(MOTHER, f"{random.random()}") for _ in range(count))
    streams = [recorded(registry, CASE.stream(case), life(random, case)) for case in cases]
    told: dict[str, Sequence[Event]] = {**PEOPLE, "rules-register": [RULES], **lives_of_mandates(MOTHER, FATHER, NOW)}
    return streams + [recorded(registry, stream, events) for stream, events in told.items()]
