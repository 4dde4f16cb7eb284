"""The read model of identity's keys: events in, rows out, in any order and any number of times."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from shared.contracts.event import Event
from shared.contracts.identity import SigningKeyPublished, SigningKeyRetired
from shared.department.signing_keys import SigningKey, signing_keys
from tests.department import Department

AT = datetime(2024, 5, 1, 9, tzinfo=UTC)
PUBLISHED = SigningKeyPublished(kid="", public_key="x", published_at=AT)
RETIRED = SigningKeyRetired(kid="", retired_at=AT + timedelta(days=1))
RETIRED_AGAIN = SigningKeyRetired(kid="", retired_at=AT + timedelta(days=2))


@pytest.mark.parametrize("order", list(permutations([PUBLISHED, RETIRED, RETIRED_AGAIN, PUBLISHED])))
async def test_a_key_once_retired_stays_so(department: Department, order: tuple[Event, ...]) -> None:
    kid = f"key-{id(order)}"
    await department.give(f"signing-key-{kid}", *(event.model_copy(update={"kid": kid}) for event in order))
    assert (await signing_keys(department.engine.pool))[kid] == SigningKey(kid, "x", AT + timedelta(days=1))


async def test_a_key_whose_publication_has_not_come_is_not_known(department: Department) -> None:
    await department.give("signing-key-early", RETIRED.model_copy(update={"kid": "early"}))
    assert "early" not in await signing_keys(department.engine.pool)
