"""People, forms and moments that all tests here use. 塔元庄村 issues; 张三 lives there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import TypeVar
from uuid import UUID

from services.certificates.catalogue_files import catalogue
from services.certificates.domain import forms
from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.certificate import IssueCertificate, Particulars, Sealed, drawn_up
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.review import ApproveApplication
from services.certificates.domain.reviewer import Reviewer
from services.certificates.domain.seal import ids_for
from shared.contracts.event import Event
from shared.contracts.identity import PersonRegistered
from shared.eventstore.aggregate import Aggregate
from shared.forms.fields import Known
from shared.standards.id_number import IdNumber

S = TypeVar("S")
C = TypeVar("C")

VILLAGE = "130123100242"  # 塔元庄村
OTHER_VILLAGE = "130123100240"  # 西柏棠村, issues too
SILENT_VILLAGE = "130123100241"  # 斜角头, does not issue on line
COUNTY = "130123000000"  # 正定县
TOWNSHIP = "130123100000"  # 正定镇
COMMITTEE = "河北省石家庄市正定县正定镇塔元庄村村民委员会"
CREDIT_CODE = "54130123ME000124XW"

NOW = datetime(2023, 12, 24, 1, 0, tzinfo=UTC)  # 09:00 in China
TODAY = date(2023, 12, 24)
MINUTE = timedelta(minutes=1)

ZHANG = UUID("0192a000-0000-7000-8000-000000000001")
LI = UUID("0192a000-0000-7000-8000-000000000002")
APPLICATION_ID = UUID("0192b000-0000-7000-8000-000000000001")
REVIEWER = Reviewer(UUID("0192c000-0000-7000-8000-000000000001"), VILLAGE)
COLLEAGUE = Reviewer(UUID("0192c000-0000-7000-8000-000000000002"), TOWNSHIP)
STRANGER = Reviewer(UUID("0192c000-0000-7000-8000-000000000003"), OTHER_VILLAGE)

CHILD = UUID("0192a000-0000-7000-8000-000000000003")

ID_NUMBER = IdNumber("130123198503120019")
WOMANS_NUMBER = IdNumber("450821194907040121")
CHILDS_NUMBER = IdNumber("130123201811050029")
KNOWN: Known = {
    "person.name": "张三",
    "person.id_number": ID_NUMBER[:],
    "person.birth_date": "1985-03-12",
    "person.sex": "male",
    "person.county": "130123000000",
    "person.household": "河北省石家庄市正定县正定镇塔元庄村",
    "person.division": VILLAGE,
    "person.address": "3排12号",
    "person.full_address": "河北省石家庄市正定县正定镇塔元庄村3排12号",
    "citizen.phone": "13800138000",
}
GIVEN = {"purpose": "school_entry", "residence_since": "2021-09-01"}
RESIDENCE = catalogue().types["residence"][0]
ISSUER = catalogue().issuers["village", VILLAGE]
FORM = forms.complete(RESIDENCE, GIVEN, KNOWN, TODAY)

SUBMIT = SubmitApplication(APPLICATION_ID, ZHANG, FORM, NOW)
APPROVE = ApproveApplication(REVIEWER, NOW + MINUTE)

PARTICULARS = Particulars(
    application=APPLICATION_ID,
    citizen=ZHANG,
    type=RESIDENCE,
    issuer=ISSUER,
    serial="202312230000000001",
    form=FORM.values,
    day=TODAY,
    now=NOW,
)
SEALED = Sealed(
    reviewer=REVIEWER.id,
    signature=next(ids_for("signature", str(REVIEWER.id))),
    signed="1a" * 32,
    seal=next(ids_for("seal", CREDIT_CODE)),
    sealed="2b" * 32,
    document="3c" * 32,
    sm2_seal="c2VhbGVk",
)


def filled(**given: str) -> FilledForm:
    """The example form with other values."""
    return forms.complete(RESIDENCE, {**GIVEN, **given}, KNOWN, TODAY)


def issuing(particulars: Particulars) -> IssueCertificate:
    """The command, with a document that nobody will look into."""
    return IssueCertificate(drawn_up(particulars), SEALED)


def registered(
    person: UUID, *, name: str = "张三", division: str = VILLAGE, id_number: IdNumber = ID_NUMBER
) -> PersonRegistered:
    return PersonRegistered(
        person=person,
        name=name,
        id_number=id_number,
        division=division,
        address="3排12号",
        registered_on=date(2020, 1, 1),
    )


def state_after(aggregate: Aggregate[S, C], events: Sequence[Event]) -> S:
    return reduce(aggregate.evolve, events, aggregate.initial)


def history(aggregate: Aggregate[S, C], *commands: C) -> list[Event]:
    """The events that these commands, one after the other, lead to."""
    events: list[Event] = []
    for command in commands:
        events += aggregate.decide(state_after(aggregate, events), command)
    return events


def submitted_form(**changed: str) -> Mapping[str, str]:
    return {**FORM.values, **changed}


SUBMITTED = history(APPLICATION, SUBMIT)
APPROVED = history(APPLICATION, SUBMIT, APPROVE)
