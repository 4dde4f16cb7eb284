"""What identity (public security) says in public.

Stored for ever: add optional fields, never rename, retype or remove.
"""

from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting
from shared.contracts.erasure import PersonErased, PersonKept
from shared.contracts.event import Event, Personal, PersonalOfAgent, PersonalOfHouseholder
from shared.contracts.feed import Contract, Feed
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber
from shared.standards.text import Text


class Role(StrEnum):
    """What a member of staff may do. A role counts within the holder's division only."""

    administrator = "administrator"  # appoints staff
    registrar = "registrar"  # keeps the household register (户籍民警)
    reviewer = "reviewer"  # reviews certificate applications of villages and townships (村级、乡镇经办人)
    operator = "operator"  # runs the stack; sees how it does, no citizen's data
    leader = "leader"  # signs what needs a leader's signature; is told what waits too long (负责人)
    police_reviewer = "police_reviewer"  # reviews the police's certificates (公安经办人)
    health_reviewer = "health_reviewer"  # reviews a hospital's certificates (医疗卫生机构经办人)
    insurance_clerk = "insurance_clerk"  # enrols, files, reviews the insurance's certificates (医保经办人)
    social_security_clerk = "social_security_clerk"  # reviews social-security cards (社保经办人)
    hospital_window = "hospital_window"  # quotes and settles at a hospital's window (医院结算窗口)
    window = "window"  # takes applications at the counter (综合窗口)
    kiosk = "kiosk"  # a self-service machine (自助终端)
    helper = "helper"  # applies for citizens with their mandate (帮代办员)
    seal_keeper = "seal_keeper"  # keeps the registries of seals and signatures (印章管理员)
    catalogue_editor = "catalogue_editor"  # publishes certificate types (事项管理员)


# identity.people: the household register (户籍). Stream `person-<person id>`


class PersonRegistered(Event):
    """A person was entered in the household register."""

    person: UUID
    name: Personal[str]
    id_number: Personal[IdNumber]
    division: str  # household division, GB/T 2260 + 10114, 12 digits
    address: Personal[str]  # within the division
    registered_on: date


class PersonCorrected(Event):
    """Name or ID number in the register was wrong and is right now; both are told whole."""

    person: UUID
    name: Personal[str]
    id_number: Personal[IdNumber]
    reason: Personal[str]
    corrected_at: datetime


class PersonMoved(Event):
    """The household moved to another division or address."""

    person: UUID
    from_division: str
    division: str
    address: Personal[str]
    moved_on: date


class PersonDied(Event):
    """A person of the register died; the entry is closed."""

    person: UUID
    died_on: date
    recorded_at: datetime


class DeathRecordWithdrawn(Event):
    """The record of a death was wrong: the person lives, and the entry is open again as it stood (撤销死亡登记)."""

    person: UUID
    died_on: date  # as it had been recorded
    reason: Personal[str]
    basis: Personal[str]  # the document that shows it
    withdrawn_at: datetime


class GuardiansNamed(Event):
    """Who looks after a minor, from now on: parents by birth, or others by law."""

    person: UUID
    guardians: tuple[UUID, ...]  # persons of the register
    named_at: datetime


class HouseholdRecorded(Event):
    """A person's place in their household (户号、户主、与户主关系), told whole; None: the register does not know.

    It holds until the person moves.
    """

    person: UUID
    household_number: Personal[str | None] = None  # 户号
    householder: UUID | None = None  # 户主, where known as a person of the register; may be the person
    # as the household has it, where only the name is known
    householder_name: PersonalOfHouseholder[str | None] = None
    relation: Personal[str | None] = None  # to the householder: 户主, 妻, 子 …
    recorded_at: datetime


class BirthRecorded(Event):
    """A birth was entered in the register: whose child the new entry is. Stream `person-<child's person id>`."""

    person: UUID  # the child
    mother: UUID
    father: UUID | None  # None: not known
    born_on: date
    order: str  # within the delivery: 'first'
    birth_certificate: str  # its identifier (GB/T 36904)
    division: str  # of the household, 12 digits
    case: UUID | None  # the one-thing case that asked for it
    recorded_at: datetime


class EntryAnnulled(Event):
    """The entry should never have been made, as two officers found: nobody of this id was ever in the register.

    What rested on it falls: papers, cover, guardianship, and money paid for it is asked back.
    """

    person: UUID
    reason: Personal[str]
    basis: Personal[str]  # the document that shows it
    proposed_by: UUID  # staff
    annulled_by: UUID  # another of the staff
    annulled_at: datetime


class MarriageRecorded(Event):
    """Two persons of the register are married, as civil affairs told. Stream `marriage-<marriage id>`."""

    person_field: ClassVar[str | None] = "marriage"

    marriage: UUID
    persons: tuple[UUID, ...]  # two
    licence: Personal[str]  # 结婚证字号
    married_on: date
    recorded_at: datetime


class MarriageEnded(Event):
    """By divorce, by a death, or because a spouse's entry was annulled.

    Schema 2 knows one more reason than schema 1; its data are the same.
    """

    schema_version: ClassVar[int] = 2

    marriage: UUID
    persons: tuple[UUID, ...]  # two
    reason: Literal["divorce", "death", "annulled"]
    ended_on: date
    recorded_at: datetime


class MarriageRestored(Event):
    """A marriage that a death had ended stands again: the record of that death was withdrawn."""

    marriage: UUID
    persons: tuple[UUID, ...]  # two
    restored_at: datetime


# identity.accounts: verified accounts of persons of the register. Stream `account-<person id>`


class CitizenRegistered(Event):
    """A person of the register proved who they are: the account is theirs. `citizen` is their person id.

    Nothing public is said of an account that proved a phone only.
    """

    citizen: UUID
    name: Personal[str]
    phone: Personal[MobileNumber]
    registered_at: datetime


class AccountPhoneChanged(Event):
    """The person proved who they are once more, with another phone: it takes the place of the one before."""

    citizen: UUID
    phone: Personal[MobileNumber]
    changed_at: datetime


class AccountRestored(Event):
    """He can sign in again: the record of his death was withdrawn."""

    citizen: UUID
    restored_at: datetime


# identity.staff: who serves where. Stream `staff-<staff id>`


class StaffAppointed(Event):
    """Someone serves in these roles for this division from now on; said again when they are moved.

    Schema 2 knows more roles than schema 1; its data are the same.
    """

    schema_version: ClassVar[int] = 2

    staff: UUID
    name: str  # an officer's name is public (政府信息公开条例)
    roles: frozenset[Role]
    division: str  # 12 digits; the roles count within it
    appointed_at: datetime
    department: str | None = None  # whose operations an operator may run; None: of no department
    person: UUID | None = None  # who of the register they are; None: nobody said


class StaffDismissed(Event):
    """Someone no longer serves; his tokens end."""

    staff: UUID
    dismissed_at: datetime


# identity.mandates: what one adult lets another do (委托代理). Stream `mandate-<mandate id>`


class MandateGiven(Event):
    """A person lets another act for them in these matters, once the other accepts."""

    mandate: UUID
    principal: UUID
    principal_name: Personal[str]
    agent: UUID | None  # who is told of it; None: the named person has no verified account yet
    agent_name: PersonalOfAgent[str]  # as the principal wrote it
    matters: tuple[str, ...]  # codes of shared/contracts/matters.yaml
    until: date  # its last day; it holds until 24:00 in China
    given_at: datetime
    recorded_by: UUID | None = (
        None  # staff, who saw the principal and their ID card; None: from the principal's account
    )


class MandateAccepted(Event):
    """From now on the agent may act for the principal in these matters. Told whole."""

    mandate: UUID
    principal: UUID
    principal_name: Personal[str]
    agent: UUID
    agent_name: PersonalOfAgent[str]
    matters: tuple[str, ...]
    until: date
    accepted_at: datetime


class MandateDeclined(Event):
    """The agent will not act; the mandate is over."""

    mandate: UUID
    principal: UUID
    agent: UUID
    agent_name: PersonalOfAgent[str]
    declined_at: datetime


MandateEnd = Literal[
    "by_principal", "by_agent", "principal_died", "agent_died", "lapsed", "principal_annulled", "agent_annulled"
]


class MandateEnded(Event):
    """Nothing may be done under it any more.

    Schema 2 knows two more reasons than schema 1, of entries that were annulled; its data are the same.
    """

    schema_version: ClassVar[int] = 2

    mandate: UUID
    principal: UUID
    principal_name: Personal[str]
    agent: UUID | None  # None: nobody had accepted it, nor been told of it
    agent_name: PersonalOfAgent[str]
    reason: MandateEnd
    by: UUID | None  # who ended it: principal or agent; None: a death, an annulled entry, or its last day
    ended_at: datetime
    recorded_by: UUID | None = None  # staff, where the principal ended it at a counter


# identity.rules: by what rules the register takes entries. Stream `rules-register`


class NameRule(BaseModel):
    """What may be a name in the register, beside letters and Han characters."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    shortest: int  # characters
    longest: int
    signs: str  # others that may stand between: "· '-"


class AgeRule(BaseModel):
    """How old a parent is on the day of the birth, in whole years."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    least: int  # below it no child is entered as theirs
    usual_from: int  # outside of these two officers look into it first
    usual_to: int


class BirthRule(BaseModel):
    """Which newborns are entered, and where."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ways: tuple[str, ...]  # 'wedlock', 'mother_alone', 'acknowledged', 'posthumous'
    householders: tuple[str, ...]  # whose household a newborn may join: 'mother', 'father'
    surnames_of: tuple[str, ...]  # 'mother', 'father'
    custom_names: bool  # others on confirmation of a minority's naming custom
    months: int  # entered by a case until the same day of this month after birth, that day included
    posthumous_days: int  # most days between a husband's death and the birth
    delivery_days: int  # births of one mother within so many days are one delivery, or wait for two officers


class ParentRule(BaseModel):
    """Whose ages fit a birth."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mother_age: AgeRule
    father_age: AgeRule
    acknowledging_age: int  # a father not married to the mother acknowledges by himself from this age


class RegisterRulesPublished(Event):
    """These rules hold from that day on, in place of those before; told whole."""

    version: int
    in_force_from: date
    name: NameRule
    birth: BirthRule
    sources: tuple[str, ...]
    published_at: datetime
    parents: ParentRule | None = None  # None, of versions from before there were such rules: any age


# identity.keys: how to check identity's tokens without asking. Stream `signing-key-<kid>`


class SigningKeyPublished(Event):
    """Tokens signed by this key are to be trusted."""

    kid: str
    public_key: str  # Ed25519, base64url without padding: the `x` of an OKP JWK (RFC 8037)
    published_at: datetime


class SigningKeyRetired(Event):
    """Tokens signed by this key after `retired_at` are not to be trusted; earlier ones end by themselves."""

    kid: str
    retired_at: datetime


# identity.case_items: what public security answers cases. Stream `item-<case id>-<item>`


class IdentityItemWaiting(ItemWaiting):
    """Public security took an item on and waits for something."""


class IdentityItemDone(ItemDone):
    """Public security did an item."""


class IdentityItemRefused(ItemRefused):
    """Public security did not do an item."""


class IdentityItemUndone(ItemUndone):
    """Public security was told that an item is no longer wanted."""


# identity.erasures: what becomes of a person's data. Stream `erasure-<person id>`


class ErasureAsked(Event):
    """The data of a person are to be erased, wherever the law does not keep them. Every department answers."""

    person: UUID
    request: UUID
    by: Literal["citizen", "law"]
    basis: str | None = None  # the law, where it was not the citizen who asked; names nobody
    proposed_by: UUID | None = None  # staff
    confirmed_by: UUID | None = None  # another of the staff
    asked_at: datetime
    guardian: UUID | None = None  # who asked for their ward


class ErasureAnswered(Event):
    """Every department but notification has answered. It tells the citizen who asked, and then answers itself."""

    person: UUID
    request: UUID
    by: Literal["citizen", "law"]  # who had asked
    erased: tuple[str, ...]  # departments
    kept: tuple[str, ...]
    answered_at: datetime
    guardian: UUID | None = None  # who had asked for their ward


class IdentityErased(PersonErased):
    """Public security erased what it had recorded about a person. What it had told others goes with it."""


class IdentityKept(PersonKept):
    """Public security keeps what it recorded about a person, by law."""


PEOPLE = Feed(
    "identity",
    "people",
    Text(zh="户籍人口变动", en="changes of the household register"),
    (
        PersonRegistered,
        PersonCorrected,
        PersonMoved,
        PersonDied,
        DeathRecordWithdrawn,
        GuardiansNamed,
        HouseholdRecorded,
        BirthRecorded,
        EntryAnnulled,
        MarriageRecorded,
        MarriageEnded,
        MarriageRestored,
    ),
)
ACCOUNTS = Feed(
    "identity",
    "accounts",
    Text(zh="实名账户", en="real-name accounts"),
    (CitizenRegistered, AccountPhoneChanged, AccountRestored),
)
STAFF = Feed("identity", "staff", Text(zh="经办人员", en="staff and their roles"), (StaffAppointed, StaffDismissed))
KEYS = Feed(
    "identity", "keys", Text(zh="令牌签名公钥", en="token signing keys"), (SigningKeyPublished, SigningKeyRetired)
)
MANDATES = Feed(
    "identity",
    "mandates",
    Text(zh="委托代理", en="mandates between adults"),
    (MandateGiven, MandateAccepted, MandateDeclined, MandateEnded),
)

RULES = Feed(
    "identity", "rules", Text(zh="户口登记规则", en="rules of the household register"), (RegisterRulesPublished,)
)
CASE_ITEMS = Feed(
    "identity",
    "case_items",
    Text(zh="公安对一件事事项的答复", en="answers of public security to cases"),
    (IdentityItemWaiting, IdentityItemDone, IdentityItemRefused, IdentityItemUndone),
)

ERASURES = Feed(
    "identity",
    "erasures",
    Text(zh="个人信息删除请求及办理结果", en="requests for erasure, and what became of them"),
    (ErasureAsked, ErasureAnswered, IdentityErased, IdentityKept),
)

IDENTITY = Contract(
    "identity",
    Text(zh="公安（户籍与身份）", en="Public security: identity"),
    (PEOPLE, ACCOUNTS, STAFF, KEYS, MANDATES, RULES, CASE_ITEMS, ERASURES),
    upcasts=MappingProxyType(
        {
            (StaffAppointed, 1): lambda data: data,
            (MarriageEnded, 1): lambda data: data,
            (MandateEnded, 1): lambda data: data,
        }
    ),
)
