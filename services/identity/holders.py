"""Who can sign in: citizens with an account and staff who serve. Anybody else, dismissed staff too, is nobody here."""

from uuid import UUID

from services.identity.domain import account, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.session import Kind
from services.identity.domain.staff import STAFF
from shared.department.caller import Caller
from shared.eventstore.store import Store

Holder = account.Opened | staff.Serving


async def holder(store: Store, kind: Kind, id: UUID) -> Holder | None:
    if kind == "citizen":
        of_citizen = (await store.load(ACCOUNT.stream(id), ACCOUNT)).state
        return of_citizen if isinstance(of_citizen, account.Opened) else None
    of_staff = (await store.load(STAFF.stream(id), STAFF)).state
    return of_staff if isinstance(of_staff, staff.Serving) else None


def caller_of(holder: Holder) -> Caller:
    match holder:
        case account.Opened():
            return Caller("citizen", holder.citizen)
        case staff.Serving():
            return Caller("staff", holder.staff, holder.roles, holder.division)
