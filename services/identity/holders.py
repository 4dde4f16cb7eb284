"""Who can sign in: living citizens with an account and staff who serve. Anybody else is nobody here."""

from datetime import datetime
from uuid import UUID

from services.identity.domain import account, person, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.person import PERSON
from services.identity.domain.session import Kind
from services.identity.domain.staff import STAFF
from services.identity.phone_accounts import PhoneAccount
from shared.department.caller import Caller
from shared.eventstore.store import Store

Holder = account.Opened | staff.Serving


async def holder(store: Store, kind: Kind, id: UUID) -> Holder | None:
    if kind == "citizen":
        of_citizen = (await store.stand(ACCOUNT.stream(id), ACCOUNT)).state
        if not isinstance(of_citizen, account.Opened):
            return None
        entry = (await store.stand(PERSON.stream(id), PERSON)).state
        return None if isinstance(entry, person.Dead | person.Annulled) else of_citizen
    of_staff = (await store.stand(STAFF.stream(id), STAFF)).state
    return of_staff if isinstance(of_staff, staff.Serving) else None


def id_of(proved: Holder | PhoneAccount) -> UUID:
    match proved:
        case account.Opened():
            return proved.citizen
        case staff.Serving():
            return proved.staff
        case PhoneAccount():
            return proved.id


def password_set_at(proved: Holder | PhoneAccount) -> datetime | None:
    """None: an account that proved a phone keeps the one it was opened with."""
    return None if isinstance(proved, PhoneAccount) else proved.password_set_at


def caller_of(holder: Holder) -> Caller:
    match holder:
        case account.Opened():
            return Caller("citizen", holder.citizen)
        case staff.Serving():
            return Caller("staff", holder.staff, holder.roles, holder.division, holder.department)
