"""What a bank wrote about a payment goes with its payee."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from deploy.embedded.department_database import DepartmentDatabase
from services.insurance.domain.payment import PAYMENT, Rejected, TurnedDown
from services.insurance.erasing import ERASURE
from services.insurance.service import SERVICE
from shared.contracts.identity import ErasureAsked
from shared.department.erasure import Erasing
from shared.eventstore.aggregate import Context
from tests.department import running
from tests.services.insurance.examples import WORKER
from tests.services.insurance.test_payment import ORDER, PAY, say

ERASED = "select array_agg(owner order by owner) from person_keys where is_own and sealed is null"


async def test_a_bank_s_words_are_erased_with_the_payee(database: DepartmentDatabase) -> None:
    async with running(replace(SERVICE, on_start=()), database) as department:
        engine = department.engine
        for command in (replace(PAY, payee=str(WORKER)), say(Rejected("name_differs", "户名应为张三"))):
            await engine.store.execute(PAYMENT.stream(ORDER), PAYMENT, command, Context())
        now = datetime.now(UTC)
        asked = ErasureAsked(person=WORKER, request=uuid4(), by="citizen", asked_at=now)
        await department.give(f"erasure-{WORKER}", asked)
        assert await Erasing(ERASURE, engine.store).sweep() == 1
        state = (await engine.store.stand(PAYMENT.stream(ORDER), PAYMENT)).state
        assert state == TurnedDown(1, "name_differs", "")
        assert await engine.pool.fetchval(ERASED) == sorted([str(ORDER), str(WORKER)])
