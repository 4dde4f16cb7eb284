"""Who stands at a counter or a window: by his token, and by what we heard of his appointment since. Both are here, so
a window works while identity is away."""

from typing import Annotated

from litestar.params import QueryParameter

from services.insurance.directory import directory
from services.insurance.domain.hospital import Hospital
from services.insurance.policies import policies
from services.insurance.window import Window
from shared.contracts.errors import Invalid, NotAllowed
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.staff import find_appointment
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.divisions import is_within
from shared.standards.text import Text

AtHospital = Annotated[str | None, QueryParameter(max_length=18, description="by default the division's only one")]


async def serve(pool: Pool, caller: Caller, role: Role, division: str | None = None) -> str:
    """His division. Raises NotAllowed unless he holds the role there, and for `division`."""
    own = caller.hold(role)
    if division is not None:
        caller.serve(role, division)
    appointment = await find_appointment(pool, caller.id)  # None: not heard of yet, his token is enough
    if appointment and not (role in appointment.roles and is_within(own, appointment.division)):
        raise NotAllowed(
            "appointment_ended",
            "您在该地区的任职已变更，请重新登录；如仍不能办理，请联系管理员。",
            "You no longer serve there in this role; please sign in again, or ask your administrator.",
        )
    return own


async def window_of(store: Store, pool: Pool, caller: Caller, hospital: str | None) -> Window:
    """The window of a hospital in the caller's division: the one named, else the only one there is."""
    own = await serve(pool, caller, Role.hospital_window)
    return Window(store, pool, directory(), policies(), _hospital(caller, own, hospital), caller.id)


def _hospital(caller: Caller, own: str, code: str | None) -> Hospital:
    if code is not None:
        named = directory().hospital(code)
        caller.serve(Role.hospital_window, named.division)
        return named
    match directory().hospitals_in(own):
        case [only]:
            return only
        case _:
            text = Text(
                "您负责的区划内没有或不止一家定点医疗机构，请写明医疗机构代码。",
                "Your division has no designated hospital, or several; please name the hospital's code.",
            )
            raise Invalid("which_hospital", *text, fields={"hospital": text})
