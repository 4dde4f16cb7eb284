"""Who stands at a window: by the powers table and by what was heard of them. Both are here, so a window works while
identity is away."""

from services.insurance.directory import directory
from services.insurance.domain import refusals
from services.insurance.domain.hospital import Hospital
from services.insurance.policies import policies
from services.insurance.read_models.settlements import first_settled_at
from services.insurance.window import Window
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


async def window_of(store: Store, pool: Pool, power: Power, hospital: str | None) -> Window:
    """The window of a hospital in the caller's division: the one named, else theirs."""
    own = await hospital_of(pool, power)
    if hospital is None:
        if own is None:
            raise refusals.which_hospital()
        wanted = own
    else:
        wanted = directory().hospital(hospital)
        power.serve(wanted.division)
        if own not in (None, wanted):
            raise refusals.another_hospital()
    return Window(store, pool, directory(), policies(), wanted, power.caller)


async def hospital_of(pool: Pool, power: Power) -> Hospital | None:
    """The only one of the window's division. Of several, the one at which they settled first there: a window stays with
    its hospital. None: they settled at none of them yet.
    """
    there = {one.code[:]: one for one in directory().hospitals_in(power.area)}
    if len(there) < 2:
        return next(iter(there.values()), None)
    first = await first_settled_at(pool, power.caller.id, list(there))
    return there[first] if first else None
