"""By which rules the household register takes entries, as identity told them."""

from collections.abc import Iterator
from datetime import date

from shared.contracts.event import Recorded
from shared.contracts.identity import RegisterRulesPublished
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case RegisterRulesPublished(version=version, in_force_from=day) as told:
            yield "published", (version, day, told.model_dump_json())


RULES = ReadModel.beside(__file__, version=1, events=(RegisterRulesPublished,), project=project)

IN_FORCE = "select told from register_rules where in_force_from <= $1 order by in_force_from desc, version desc limit 1"


async def rules_in_force(pool: Pool, today: date) -> RegisterRulesPublished | None:
    """None: nothing was heard of them yet; then nothing is checked by them."""
    told = await pool.fetchval(IN_FORCE, today)
    return RegisterRulesPublished.model_validate_json(told) if told else None
