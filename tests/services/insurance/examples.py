"""People, hospitals, bills and moments that the tests of the department use. 韦妈妈 is 74 and insured at 贵港."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from uuid import UUID

from services.insurance.directory import directory
from services.insurance.domain.claim import Claim
from services.insurance.domain.claims import ReverseSettlement, SettleAnew, SettleClaim
from services.insurance.domain.enrolment import CreditAccount, EnrolPerson, RecordEmployment
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.insured_state import Insured, State, evolve
from services.insurance.domain.maternity import Birth
from services.insurance.policies import policies
from shared.contracts.event import Event
from shared.contracts.insurance import BilledItem, ClaimSettled
from shared.standards.credit_code import CreditCode
from shared.standards.id_number import IdNumber

NOW = datetime(2023, 12, 24, 1, 0, tzinfo=UTC)  # 09:00 in China

MOTHER = UUID("0192a000-0000-7000-8000-000000000001")
CHILD = UUID("0192a000-0000-7000-8000-0000000000c1")
WORKER = UUID("0192a000-0000-7000-8000-000000000002")
SENIOR = UUID("0192a000-0000-7000-8000-000000000004")
CLERK = UUID("0192c000-0000-7000-8000-000000000001")
OTHER_CLERK = UUID("0192c000-0000-7000-8000-000000000003")
WINDOW = UUID("0192c000-0000-7000-8000-000000000002")

GUIGANG = "450800000000"
GUILIN = "450300000000"
YIBIN = "511500000000"
MOTHERS_NUMBER = IdNumber("450821194907049986")
WORKERS_NUMBER = IdNumber("450302199203189987")
SENIORS_NUMBER = IdNumber("450302196203189983")
EMPLOYER = CreditCode("91450300MC0000709D")

REGIONAL = directory().hospital("12450100MC0000100A")  # 南宁, level 3 of the region
AT_HOME = directory().hospital("12450821MC0000303G")  # 平南, level 2
IN_GUILIN = directory().hospital("12450300MC000040XF")
IN_YIBIN = directory().hospital("12511500MC0000506T")


def item(amt: str, category: str = "A", *, first: str = "0", own: str = "0.00", overlimit: str = "0.00") -> BilledItem:
    return BilledItem.model_validate(
        {
            "name": "住院费",
            "category": category,
            "amt": amt,
            "selfpay_prop": first,
            "own": own,
            "overlimit": overlimit,
        }
    )


STORY = (item("21333.33"), item("8000.00", "B", first="0.10"), item("2800.00", "C", own="2800.00"))
"""32,133.33 yuan: unfiled in another city 19,778.00 are the patient's before 2023-07-01, and 15,588.00 from then on."""


def claim(
    number: str = "ZY20230705001",
    *,
    discharged: date = date(2023, 7, 5),
    admitted: date = date(2023, 6, 20),
    items: Sequence[BilledItem] = STORY,
    is_emergency: bool = False,
    birth: Birth | None = None,
) -> Claim:
    return Claim(
        bill_number=number,
        admitted_on=admitted,
        discharged_on=discharged,
        items=tuple(items),
        care="inpatient" if birth is None else "maternity",
        is_emergency=is_emergency,
        birth=birth,
    )


def enrol(person: UUID = MOTHER, **changed: object) -> EnrolPerson:
    is_mother = person == MOTHER
    given: dict[str, object] = {
        "person": person,
        "name": "韦样例" if is_mother else "覃示范",
        "id_number": MOTHERS_NUMBER if is_mother else WORKERS_NUMBER,
        "insured_as": "resident" if is_mother else "employee",
        "region": GUIGANG if is_mother else GUILIN,
        "person_class": "ordinary",
        "insured_from": date(2023, 1, 1),
        "enrolled_by": CLERK,
        "now": NOW,
    }
    return EnrolPerson(**{**given, **changed})  # type: ignore[arg-type]


def settle(of: Claim | None = None, hospital: object = REGIONAL) -> SettleClaim:
    return SettleClaim(of or claim(), hospital, policies(), directory(), WINDOW, NOW)  # type: ignore[arg-type]


def reverse(settlement: UUID, hospital: str = REGIONAL.code, reason: str = "账单有误") -> ReverseSettlement:
    return ReverseSettlement(settlement, hospital, reason, WINDOW, NOW)


def anew(settlement: UUID, *, is_emergency: bool = False) -> SettleAnew:
    return SettleAnew(settlement, REGIONAL, is_emergency, "补办备案", policies(), directory(), WINDOW, NOW)


def credit(month: str = "2023-07", amount: str = "120.00") -> CreditAccount:
    return CreditAccount(month, Decimal(amount), CLERK, NOW)


def employ(wage: str = "5800.00", year: int = 2022) -> RecordEmployment:
    return RecordEmployment(EMPLOYER, "桂林示例纺织有限公司", year, Decimal(wage), directory(), CLERK, NOW)


def state_after(events: Sequence[Event]) -> State:
    return reduce(evolve, events, INSURED.initial)


def insured_after(events: Sequence[Event]) -> Insured:
    state = state_after(events)
    assert isinstance(state, Insured)
    return state


def history(*commands: Command) -> list[Event]:
    """The events that these commands, one after the other, lead to."""
    events: list[Event] = []
    for command in commands:
        events += INSURED.decide(state_after(events), command)
    return events


def settled(events: Sequence[Event]) -> list[ClaimSettled]:
    return [event for event in events if isinstance(event, ClaimSettled)]
