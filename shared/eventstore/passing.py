"""Whether this release may supersede the read models that stand: a newer release always may, an older one seldom.

An older release goes back with the operator's leave (`allow_roll_back`, by the `migrate` job), beside instances that
live, or alone once no newer release has lived for AWAY_FOR seconds. Else a restart of one old instance in a moment in
which the newer ones are away would take everything back unnoticed.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from shared.contracts.errors import Misconfigured
from shared.eventstore.database import Connection
from shared.eventstore.limits import AWAY_FOR, ROLL_BACK_WITHIN
from shared.eventstore.read_model import ReadModel

log = structlog.get_logger(__name__)

SEEN = """
insert into releases_seen (keeps) values ($1) on conflict (keeps) do update set seen_at = excluded.seen_at
"""
SEEN_LATELY = """
select keeps, extract(epoch from clock_timestamp() - seen_at)::float8 as ago from releases_seen
where seen_at > clock_timestamp() - $1::interval order by seen_at desc
"""
STAND = "select name || '_v' || version from read_models order by name collate \"C\""
LEAVE = """
select keeps from roll_backs where used_at is null and allowed_at > clock_timestamp() - $1::interval
"""
ALLOW = "insert into roll_backs (keeps) values ($1)"
USED = "update roll_backs set used_at = clock_timestamp() where used_at is null"
HOW = (
    "start that release here; or, to go back, run `python -m shared.department.migrate --roll-back` of this release,"
    " then start it again"
)


def kept(models: Sequence[ReadModel]) -> str:
    """What an instance says at connecting, as `refuse_superseded` compares it."""
    return " ".join(model.schema for model in sorted(models, key=lambda model: model.name))


def versions_of(keeps: str) -> dict[str, int]:
    """The other way round."""
    pairs = [one.rpartition("_v") for one in keeps.split()]
    return {name: int(version) for name, _, version in pairs}


def lost_by(mine: Mapping[str, int], theirs: Mapping[str, int]) -> list[str]:
    """Names of what would be taken back if a release that keeps `mine` superseded one that keeps `theirs`."""
    older = [name for name, version in theirs.items() if mine.get(name, version) < version]
    unknown = [name for name in theirs if name not in mine]
    is_newer = any(mine.get(name, 0) > version for name, version in theirs.items())
    return sorted({*older, *([] if is_newer else unknown)})


async def told_seen(connection: Connection, keeps: str) -> None:
    """That the release which keeps these lives."""
    await connection.execute(SEEN, keeps)


async def may_supersede(connection: Connection, mine: Mapping[str, int], *, is_alone: bool) -> None:
    """Raises Misconfigured when this release must not; the sentence says what to do."""
    stand = versions_of(" ".join(row[0] for row in await connection.fetch(STAND)))
    lost = lost_by(mine, stand)
    if not lost or await _has_leave(connection, mine, stand):
        return
    if not is_alone:
        told = ", ".join(f"{name} in version {stand[name]}" for name in lost)
        raise Misconfigured(
            f"other instances of this department run with read models of a newer release ({told}): {HOW}"
        )
    for row in await connection.fetch(SEEN_LATELY, timedelta(seconds=AWAY_FOR)):
        if lost_by(mine, versions_of(row["keeps"])):
            raise Misconfigured(
                f"a newer release of this department ran {row['ago']:.0f} s ago: {HOW};"
                f" without that it is taken back once the newer one is away for {AWAY_FOR / 60:.0f} minutes"
            )
    log.warning("GOING BACK: the newer release has been away for long", taken_back=lost)


async def _has_leave(connection: Connection, mine: Mapping[str, int], stand: Mapping[str, int]) -> bool:
    """Whether the operator's leave covers what stands; some of it may have been taken back already."""
    for row in await connection.fetch(LEAVE, timedelta(seconds=ROLL_BACK_WITHIN)):
        if stand.items() <= {*versions_of(row["keeps"]).items(), *mine.items()}:
            log.warning("GOING BACK: the operator allowed it")
            return True
    return False


async def allow_roll_back(connection: Connection) -> str:
    """As the owner: an older release may supersede, soon and once, what stands now. Returns what that is."""
    stand = " ".join(row[0] for row in await connection.fetch(STAND))
    await connection.execute(ALLOW, stand)
    return stand


async def went_back(connection: Connection) -> None:
    """The leave is used up."""
    await connection.execute(USED)
