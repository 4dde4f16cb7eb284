"""Publishing a version of a type: given what was published, when an editor publishes, then this or a refusal."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.certificates.catalogue_files import catalogue
from services.certificates.domain.catalogue_version import (
    CATALOGUE_VERSION,
    CatalogueVersionPublished,
    Latest,
    PublishVersion,
)
from services.certificates.publishing import read
from shared.contracts.errors import Invalid, Refused
from shared.contracts.event import Event
from tests.services.certificates.examples import NOW, TODAY, state_after
from tests.services.certificates.test_catalogue import residence

EDITOR = UUID("0192c000-0000-7000-8000-000000000009")
SHIPPED = Latest(1, date(2023, 12, 1), "village")
TOMORROW = TODAY + timedelta(days=1)


def definition(**changes: Any) -> dict[str, Any]:
    return residence(code="residence", version=2, in_force_from=TOMORROW.isoformat()) | changes


def publish(shipped: Latest | None = SHIPPED, **changes: Any) -> PublishVersion:
    body = definition(**changes)
    return PublishVersion(read(body, catalogue()), body, shipped, EDITOR, NOW)


def when(given: Sequence[Event], command: PublishVersion) -> Sequence[Event]:
    return CATALOGUE_VERSION.decide(state_after(CATALOGUE_VERSION, given), command)


SECOND = when([], publish())


def test_a_version_is_published_with_its_whole_definition() -> None:
    assert [
        CatalogueVersionPublished(
            code="residence",
            version=2,
            in_force_from=TOMORROW,
            definition=definition(),
            published_by=EDITOR,
            published_at=NOW,
        )
    ] == SECOND


@pytest.mark.parametrize("given", [[], SECOND])
def test_the_class_of_bodies_that_issue_a_type_stays(given: Sequence[Event]) -> None:
    """What was issued before would be another body's matter all at once."""
    of_police: dict[str, Any] = {"issuer": "police", "review": [{"level": "issuer", "role": "police_reviewer"}]}
    with pytest.raises(Refused, match="issuer_stays"):
        when(given, publish(version=3, in_force_from="2024-01-01", **of_police))


def test_a_type_that_nobody_shipped_may_be_published() -> None:
    assert len(when([], publish(shipped=None, code="tenancy", version=1))) == 1


@pytest.mark.parametrize("given", [[], SECOND])
def test_a_version_must_be_higher_than_what_is_shipped_and_published(given: Sequence[Event]) -> None:
    with pytest.raises(Refused, match="version_taken"):
        when(given, publish(version=2 if given else 1))
    assert when(given, publish(version=3, in_force_from="2024-01-01"))


@pytest.mark.parametrize("day", ["2023-12-25", "2023-12-01"])
def test_a_version_comes_into_force_after_the_one_before_it(day: str) -> None:
    with pytest.raises(Invalid) as caught:
        when(SECOND, publish(version=3, in_force_from=day))
    assert set(caught.value.fields) == {"in_force_from"}


def test_a_version_is_not_in_force_before_it_is_published() -> None:
    with pytest.raises(Invalid, match="in_force_too_early"):
        when([], publish(in_force_from="2023-12-23"))
    assert when([], publish(in_force_from=TODAY.isoformat()))


def test_all_that_is_wrong_with_a_definition_is_told_at_once_by_place() -> None:
    with pytest.raises(Invalid) as caught:
        read(definition(promise="soon", colour="red"), catalogue())
    assert {"promise.timedelta", "colour"} <= set(caught.value.fields)
    with pytest.raises(Invalid) as caught:
        read(definition(one_open_per=["landlord"], review=[{"level": "village", "role": "window"}]), catalogue())
    assert set(caught.value.fields) == {"fields.landlord", "review"}
    assert caught.value.fields["review"].zh == "第一个审核环节应为reviewer。"
