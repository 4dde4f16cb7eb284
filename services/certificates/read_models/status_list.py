"""Who has which entry of the status lists, and what it says. Written with the event that changes it."""

from collections.abc import Iterator

from services.certificates.credential.status_list import Status
from shared.contracts.certificates import (
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Recorded
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    """A certificate past its last day keeps its entry: its own dates say so."""
    match event.data:
        case CertificateIssued(certificate=certificate, status_list=int(list), status_index=int(index)):
            yield "issued", (certificate, list, index)
        case CertificateSuspended(certificate=certificate):
            yield "changed", (certificate, Status.SUSPENDED)
        case CertificateReinstated(certificate=certificate):
            yield "changed", (certificate, Status.VALID)
        case CertificateRevoked(certificate=certificate) | CertificateSuperseded(certificate=certificate):
            yield "changed", (certificate, Status.INVALID)


STATUS_LIST = ReadModel.beside(
    __file__,
    version=1,
    events=(
        CertificateIssued,
        CertificateSuspended,
        CertificateReinstated,
        CertificateRevoked,
        CertificateSuperseded,
    ),
    project=project,
)


async def list_exists(pool: Pool, list: int) -> bool:
    return bool(await pool.fetchval("select exists (select from status_list where list = $1)", list))


async def statuses_in(pool: Pool, list: int) -> dict[int, int]:
    """The entries of a list that are not valid."""
    rows = await pool.fetch("select index, status from status_list where list = $1 and status <> 0", list)
    return {row["index"]: row["status"] for row in rows}
