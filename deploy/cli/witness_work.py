"""The work of `tongban witness` in a department's database."""

from pydantic import TypeAdapter, ValidationError

from deploy.reach import Reached
from deploy.runner.errors import StackError
from shared.contracts.errors import Refused
from shared.contracts.member import Member
from shared.messaging import witness_eras
from shared.messaging.reason import Reason
from shared.messaging.witness_eras import Held


def reason_in(text: str) -> str | None:
    """None: it is none, or would take more than a line."""
    try:
        return TypeAdapter(Reason).validate_python(text)
    except ValidationError:
        return None


async def held(reached: Reached) -> list[Held]:
    """Of each neighbour. StackError: its database does not answer."""
    async with reached.pool() as pool:
        return await witness_eras.held(pool, reached.neighbours)


async def renewed(reached: Reached, neighbour: str, reason: str, by: str, *, is_forced: bool) -> int:
    """The number of the era begun. StackError: there is no such neighbour, or no alarm stands."""
    neighbour = str(Member.named(neighbour, reached.registry.member.jurisdiction))
    if neighbour not in reached.neighbours:
        raise StackError(f"{reached.name} has no neighbour {neighbour}; it has {', '.join(reached.neighbours)}")
    async with reached.pool() as pool:
        try:
            return await witness_eras.renew(pool, neighbour, by, reason, even_without_alarm=is_forced)
        except Refused as refusal:
            raise StackError(refusal.text.en) from None
