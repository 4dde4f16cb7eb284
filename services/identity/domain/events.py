"""What identity keeps to itself. Stored for ever: add optional fields, never rename, retype or remove.

The events others may see are in shared/contracts/identity.py.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.event import OF_THE_STREAM, Event, Personal
from shared.contracts.feed import Upcast
from shared.contracts.identity import Role
from shared.standards.id_number import IdNumber

HeldDecision = Literal["release", "refuse", "send_back"]

# Stream `id-<pseudonym of an ID number>`


class IdNumberClaimed(Event):
    """From now on this ID number stands for this person and nobody else."""

    person: UUID
    edition: int  # of the person's entry that is to bear the number
    claimed_at: datetime


class IdNumberReleased(Event):
    """The person's entry does not bear this ID number; it is free for whom it belongs to."""

    person: UUID
    released_at: datetime


# Streams `birth-<pseudonym of a birth>` and `birth-<pseudonym of a birth certificate>`


class BirthClaimed(Event):
    """From now on it is entered for this newborn and no other."""

    newborn: UUID
    claimed_at: datetime


class BirthReleased(Event):
    """Nobody was entered for it; it may be entered anew."""

    newborn: UUID
    released_at: datetime


# Stream `delivery-<person id of a mother>`


class DeliveryBirthClaimed(Event):
    """Of this mother this child, and no other, is entered as born that day in that order."""

    newborn: UUID
    born_on: date
    order: str
    claimed_at: datetime


class DeliveryBirthHeld(Event):
    """The birth is implausible beside others of this mother: it waits for two officers (待核实)."""

    person_field: ClassVar[str | None] = "newborn"

    newborn: UUID
    mother: UUID
    case: UUID
    reference: UUID  # of the case's item
    born_on: date
    order: str
    child_name: Personal[str]
    division: str  # whose registrars decide
    reasons: tuple[str, ...]  # 'same_order', 'too_close', 'known_child', 'mother_age', 'father_age', 'parentage_proof'
    beside: tuple[UUID, ...]  # the children that make it implausible
    held_at: datetime
    parentage_proof: Personal[str | None] = None  # number of the parentage test that the officers look at


class HeldBirthProposed(Event):
    """One officer has looked into a held birth and proposes what becomes of it."""

    person_field: ClassVar[str | None] = "newborn"

    newborn: UUID
    proposal: UUID
    decision: HeldDecision
    reason: Personal[str]
    by: UUID  # staff
    proposed_at: datetime


class HeldBirthProposalEnded(Event):
    """Withdrawn by whoever made it, or declined by another: the birth is held as before."""

    newborn: UUID
    proposal: UUID
    by: UUID  # staff
    ended_at: datetime


class HeldBirthDecided(Event):
    """Two officers decided: it is entered, refused, or sent back to be mended."""

    person_field: ClassVar[str | None] = "newborn"

    newborn: UUID
    reference: UUID  # of the case's item
    proposal: UUID
    decision: HeldDecision
    reason: Personal[str]
    proposed_by: UUID  # staff
    decided_by: UUID  # another of the staff
    decided_at: datetime


class DeliveryBirthFreed(Event):
    """Nobody is entered for it, or the entry was annulled; the birth may be entered anew."""

    newborn: UUID
    freed_at: datetime


# Stream `erasure-<person id>`, beside its public events


class ErasureProposed(Event):
    """One officer has found that the law has a person's data erased; another is to look."""

    person: UUID
    proposal: UUID
    basis: str  # the law; names nobody
    by: UUID  # staff
    proposed_at: datetime


class ErasureProposalEnded(Event):
    """Withdrawn by whoever made it, or declined by another."""

    person: UUID
    proposal: UUID
    by: UUID  # staff
    ended_at: datetime


# Stream `person-<person id>`, beside its public events


class AnnulmentProposed(Event):
    """One officer has found that the entry should never have been made; another is to look."""

    person: UUID
    proposal: UUID
    reason: Personal[str]
    basis: Personal[str]  # the document that shows it
    by: UUID  # staff
    proposed_at: datetime


class AnnulmentProposalEnded(Event):
    """Withdrawn by whoever made it, or declined by another: the entry stays."""

    person: UUID
    proposal: UUID
    by: UUID  # staff
    ended_at: datetime


# Stream `newborn-<person id>`


class NewbornNumberChosen(Event):
    """This number, and none chosen before, is to be claimed for the newborn."""

    person_field: ClassVar[str | None] = "newborn"

    newborn: UUID
    id_number: Personal[IdNumber]
    chosen_at: datetime


# Stream `spouse-<person id>`


class SpouseClaimed(Event):
    """The person is in this marriage, or is about to be, and in no other."""

    marriage: UUID
    claimed_at: datetime
    edition: int = 0  # of the marriage that the claim is for


class SpouseReleased(Event):
    """That marriage is over or never was; the person may marry."""

    marriage: UUID
    released_at: datetime


# Stream `marriage-<marriage id>`, beside its public events


class MarriageAttemptLapsed(Event):
    """Whoever was recording or restoring it did not come to an end: what was claimed for it holds no more."""

    marriage: UUID
    lapsed_at: datetime


# Stream `mandate-<mandate id>`, beside its public events


class MandateAddressed(Event):
    """Whom the principal named, by ID number; and that number's pseudonym, to find the mandate by."""

    mandate: UUID
    id_number: Personal[IdNumber]
    addressee: UUID
    principal: UUID | None = None


# Stream `mandates-<person id>-<day>`


class MandateCounted(Event):
    """The principal may give this one today; whether it was given says MandateGiven."""

    mandate: UUID
    counted_at: datetime


# Stream `attempts-<pseudonym>`: not written any more; failed attempts are counted in a table


class AttemptFailed(Event):
    """Someone tried and could not prove who he is."""

    failed_at: datetime


class AttemptsLocked(Event):
    """Too many failed; until then nobody is let try."""

    until: datetime


class FailuresForgiven(Event):
    """He proved who he is; earlier failures no longer count."""

    forgiven_at: datetime


# Streams `account-<person id>` and `staff-<staff id>`


class PasswordSet(Event):
    """This password, and no earlier one, signs in from now on."""

    person_field: ClassVar[str | None] = OF_THE_STREAM

    password_hash: Personal[str]  # Argon2id in PHC string form
    set_at: datetime


class InitialPasswordSet(Event):
    """This one-time password, made by the department, is good for choosing an own one and nothing else."""

    person_field: ClassVar[str | None] = OF_THE_STREAM

    password_hash: Personal[str]  # Argon2id in PHC string form
    set_at: datetime


class VerifiedAtCounter(Event):
    """An officer had the person and their card before them."""

    citizen: UUID
    by: UUID  # staff id
    document: Personal[str]  # the document that was seen
    verified_at: datetime


class VerifiedByProvider(Event):
    """An identity provider vouched for the person; a stand-in says that it is one."""

    citizen: UUID
    provider: str
    provider_title_zh: str
    provider_title_en: str
    is_stand_in: bool
    method: str  # card_and_face, eid, card
    assertion: str  # its `jti`
    verified_at: datetime


class StaffLoginGiven(Event):
    """The name a member of staff signs in by."""

    login: str


class StaffPersonNamed(Event):
    """The person who bears this login: whose posts stand in the stream `officer-<officer>`."""

    officer: UUID  # a pseudonym of the ID number


# Stream `officer-<pseudonym of an ID number>`


class OfficerPostGiven(Event):
    """Under this login the person serves as this from now on, or is about to."""

    staff: UUID
    roles: frozenset[Role]
    division: str
    department: str | None
    given_at: datetime


class OfficerPostEnded(Event):
    """Under this login the person serves no longer, or never did."""

    staff: UUID
    ended_at: datetime


# Stream `session-<session id>`


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    signed_out = "signed_out"
    reuse = "reuse"  # a refresh token came a second time: one of the two holders is a thief
    dismissed = "dismissed"
    died = "died"
    password_changed = "password_changed"  # noqa: S105 - a reason, no secret
    annulled = "annulled"  # the holder's entry in the register


class SessionOpened(Event):
    """Someone signed in. Only the SHA-256 of a refresh token is kept (64 hexadecimal digits)."""

    holder: UUID  # person id or staff id
    kind: Literal["citizen", "staff"]
    refresh_hash: str
    opened_at: datetime
    expires_at: datetime


class SessionRefreshed(Event):
    """The refresh token was spent; this one takes its place."""

    refresh_hash: str
    refreshed_at: datetime


class SessionClosed(Event):
    """No token of this session is taken any more.

    Schemas 2 and 3 know one more reason each than the one before; their data are the same.
    """

    schema_version: ClassVar[int] = 3

    reason: SessionEnd
    closed_at: datetime


# Stream `register-secret-1`


class RegisterSecretPinned(Event):
    """All pseudonyms of this department are made with the secret of this fingerprint."""

    fingerprint: str
    pinned_at: datetime


PRIVATE_EVENTS: tuple[type[Event], ...] = (
    IdNumberClaimed,
    IdNumberReleased,
    BirthClaimed,
    BirthReleased,
    DeliveryBirthClaimed,
    DeliveryBirthHeld,
    HeldBirthProposed,
    HeldBirthProposalEnded,
    HeldBirthDecided,
    DeliveryBirthFreed,
    ErasureProposed,
    ErasureProposalEnded,
    AnnulmentProposed,
    AnnulmentProposalEnded,
    NewbornNumberChosen,
    SpouseClaimed,
    SpouseReleased,
    MarriageAttemptLapsed,
    MandateAddressed,
    MandateCounted,
    AttemptFailed,
    AttemptsLocked,
    FailuresForgiven,
    PasswordSet,
    InitialPasswordSet,
    VerifiedAtCounter,
    VerifiedByProvider,
    StaffLoginGiven,
    StaffPersonNamed,
    OfficerPostGiven,
    OfficerPostEnded,
    SessionOpened,
    SessionRefreshed,
    SessionClosed,
    RegisterSecretPinned,
)

PRIVATE_UPCASTS: Mapping[tuple[type[Event], int], Upcast] = MappingProxyType(
    {(SessionClosed, 1): lambda data: data, (SessionClosed, 2): lambda data: data}
)
