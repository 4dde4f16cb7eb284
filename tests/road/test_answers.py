"""Whatever is asked, the answer is never empty: an empty message is what acknowledges."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from tests import sample
from tests.connected import connected
from tests.until import until

QUESTIONS = [
    b"",
    b"{}",
    b"[]",
    b"not JSON",
    b"\x00",
    b'{"after": -1}',
    b'{"after": 0}',
    b'{"after": 0, "until": 0}',
    b"1" * 10**6,
]


@pytest.mark.parametrize(
    "subject", ["history.local.harbour.ships", "ledger.local.harbour", "known.local.harbour.local.customs"]
)
async def test_an_answer_is_never_empty(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, subject: str
) -> None:
    key = Ed25519PrivateKey.generate()
    async with (
        sample.engine(sample.HARBOUR_SERVICE, database, tmp_path, own_nats.url(), ledger_key=key) as harbour,
        connected(own_nats.url()) as client,
    ):
        await until(lambda: harbour._connected.is_set(), what="harbour is on the road")
        await harbour.client.flush()
        for question in QUESTIONS:
            assert (await client.request(subject, question, timeout=10)).data, question[:30]
