"""Whether a member of staff may do what he asks for, here and now."""

from services.identity.domain.staff import STAFF, Serving
from shared.contracts.errors import NotAllowed, NotSignedIn
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.eventstore.store import Store
from shared.standards.divisions import WHOLE_COUNTRY


async def authorise(store: Store, caller: Caller, role: Role, *divisions: str) -> None:
    """As `serve`, and raises NotSignedIn when he serves no longer. Without divisions: within his own.

    Other departments go by the token until it ends; identity knows of a dismissal at once.
    """
    serve(caller, role, *divisions or (caller.division or WHOLE_COUNTRY,))
    staff = await store.load(STAFF.stream(caller.id), STAFF)
    if not isinstance(staff.state, Serving):
        raise NotSignedIn("dismissed", "您已不在任，登录已失效。", "You no longer serve; your sign-in is over.")


def serve(caller: Caller, role: Role, first: str, *others: str) -> None:
    """Raises NotAllowed unless he holds the role for one of the divisions, NotValid "division_code"."""
    try:
        caller.serve(role, first)
    except NotAllowed:
        if not others:
            raise
        serve(caller, role, *others)
