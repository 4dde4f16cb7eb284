"""The archive of the database's write-ahead log, as the server knows it: a replication slot and who reads it.

Where there is no such slot nobody keeps an archive, and nothing is told.
"""

from dataclasses import dataclass

from shared.eventstore.database import Connection, Pool

SLOT = "tongban_archive"
STATE = """
select active, wal_status = 'lost' as is_lost,
       coalesce(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), restart_lsn), 0)::bigint as behind
from pg_replication_slots where slot_name = $1 and not pg_is_in_recovery()
"""
MUCH = 64 * 1024 * 1024  # bytes that are not archived yet


@dataclass(frozen=True, slots=True)
class Archive:
    """`behind`: bytes that the server holds and the archive does not."""

    is_kept: bool = False  # somebody should receive
    is_received: bool = False
    is_lost: bool = False  # what it lacks the server has not got any more
    behind: int = 0

    @property
    def fails(self) -> bool:
        return self.is_kept and (self.is_lost or not self.is_received)

    @property
    def lags(self) -> bool:
        return self.is_kept and self.behind > MUCH


async def state(source: Pool | Connection) -> Archive:
    row = await source.fetchrow(STATE, SLOT)
    if row is None:
        return Archive()
    return Archive(is_kept=True, is_received=row["active"], is_lost=bool(row["is_lost"]), behind=row["behind"])
