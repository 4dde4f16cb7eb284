"""The citizen is told what came of their request before notification forgets them, and reads the notice for a month."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.notification.domain.notice import DeliverNotice
from services.notification.erasing import ERASURE
from services.notification.reactions import tell
from services.notification.service import SERVICE
from services.notification.texts import TEXTS
from shared.contracts.identity import ErasureAnswered
from shared.department.erasure import Erasing
from shared.department.erasures import standing_of
from shared.eventstore.differences import differences
from shared.standards.text import Language
from tests.department import running
from tests.services.notification.examples import LI, MORNING, SUBMITTED, WANG, came

LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
STREAM = f"erasure-{WANG}"


def answered(by: Literal["citizen", "law"] = "citizen") -> ErasureAnswered:
    kept, erased = ("insurance",), ("certificates", "cases")
    return ErasureAnswered(person=WANG, request=uuid4(), by=by, erased=erased, kept=kept, answered_at=MORNING)


def notices(event: ErasureAnswered) -> list[DeliverNotice]:
    return [one.command for one in tell(came(event, STREAM))]


def test_the_citizen_is_told_who_erased_and_who_keeps() -> None:
    [notice] = notices(answered())
    assert notice.recipient == WANG
    body = TEXTS.render(notice.template, notice.facts, "zh-CN").body
    assert "依法保留的部门：医疗保障。" in body
    assert "Medical insurance" in TEXTS.render(notice.template, notice.facts, "en").body


def test_the_guardian_who_asked_is_told_beside_the_ward() -> None:
    first, second = notices(answered().model_copy(update={"guardian": LI}))
    assert (first.recipient, second.recipient, second.ward) == (WANG, LI, WANG)


def test_what_the_law_has_erased_is_told_to_nobody() -> None:
    assert notices(answered("law")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_whose_facts_were_erased_can_still_be_shown(language: Language) -> None:
    for template in TEXTS.templates:
        assert TEXTS.render(template, {}, language).title


async def test_the_notice_is_kept_for_a_month_and_then_all_is_erased(database: DepartmentDatabase) -> None:
    async with running(SERVICE, database) as department:
        engine = department.engine
        await department.give(STREAM, answered())
        now = datetime.now(UTC)
        await Erasing(ERASURE, engine.store, lambda: now).sweep()
        kept = await standing_of(engine.pool, WANG)
        assert kept is not None
        assert [one.rule for one in kept.reasons] == ["outcome_told"]
        assert "erased" in await facts_of(department.engine.pool, WANG)
        await department.give(STREAM, answered())
        await Erasing(ERASURE, engine.store, lambda: now + timedelta(days=32)).sweep()
        erased = await standing_of(engine.pool, WANG)
        assert erased is not None
        assert erased.status == "erased"
        assert await facts_of(engine.pool, WANG) == "{}"


async def test_a_guardian_s_notice_is_erased_with_the_ward(database: DepartmentDatabase) -> None:
    """It names the ward; what the guardian was told about themselves stays."""
    async with running(SERVICE, database) as department:
        engine = department.engine
        await department.give(f"application-{uuid4()}", SUBMITTED.model_copy(update={"guardian": LI}))
        await department.give(f"application-{uuid4()}", SUBMITTED.model_copy(update={"citizen": LI}))
        told = await facts_of(engine.pool, LI)
        await department.give(STREAM, answered("law"))
        await Erasing(ERASURE, engine.store).sweep()
        assert await engine.pool.fetchval(OF_GUARDIAN, LI, True) == ["{}"]
        [own] = await engine.pool.fetchval(OF_GUARDIAN, LI, False)
        assert own in told
        gone = await engine.pool.fetchval("select array_agg(owner) from person_keys where sealed is null")
        assert gone == [str(WANG)]
        for model in engine.service.read_models:
            assert await differences(database.app_url, model, engine.registry) == [], model.name


OF_GUARDIAN = "select array_agg(facts::text) from my_notices where recipient = $1 and as_guardian = $2"


async def facts_of(pool: object, recipient: UUID) -> str:
    facts: str = await pool.fetchval(  # type: ignore[attr-defined]
        "select string_agg(distinct facts::text, '') from my_notices where recipient = $1", recipient
    )
    return facts
