"""What a case asks of its departments: each in the feed that only that department may read."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from services.cases.domain.case_state import ItemState, Opened, Running, deadline, is_pending
from services.cases.domain.events import DeskItemRequested
from shared.contracts.case_items import ItemRequested, ItemWithdrawn, Words
from shared.contracts.cases import (
    CertificatesItemRequested,
    CertificatesItemWithdrawn,
    IdentityItemRequested,
    IdentityItemWithdrawn,
    InsuranceItemRequested,
    InsuranceItemWithdrawn,
)
from shared.standards.legal_clock import LegalClock

DESK = "cases"

REQUESTS: Mapping[str, type[ItemRequested]] = MappingProxyType(
    {
        "identity": IdentityItemRequested,
        "certificates": CertificatesItemRequested,
        "insurance": InsuranceItemRequested,
        DESK: DeskItemRequested,
    }
)
"""Who can be asked, and by which event."""

WITHDRAWALS: Mapping[str, type[ItemWithdrawn]] = MappingProxyType(
    {
        "identity": IdentityItemWithdrawn,
        "certificates": CertificatesItemWithdrawn,
        "insurance": InsuranceItemWithdrawn,
    }
)
"""By which event others are told that it is no longer wanted; our own desk needs no telling."""


def department_of(request: type[ItemRequested]) -> str:
    """Whom a request goes to."""
    return next(department for department, asked in REQUESTS.items() if asked is request)


WITHDRAWN = Words(zh="该办件已终止办理。", en="The case was stopped.")
UNDO = Words(
    zh="同件其他事项未办成，按规定撤销。", en="Another item of the case was refused; by its rules this is undone."
)


def request_of(running: Running, item: ItemState, now: datetime) -> ItemRequested:
    """The request for an item whose needs are done. No deadline runs while the citizen supplements."""
    plan, of, items = item.plan, running.of, running.items
    clock = LegalClock.start(now, plan.promise_days)
    return REQUESTS[plan.department](
        case=of.id,
        item=plan.code,
        action=plan.action,
        parameters=plan.parameters,
        inputs=inputs_of(item, of, items),
        applicant=of.applicant,
        definition=of.as_opened.definition,
        definition_version=of.as_opened.definition_version,
        attempt=item.attempt + 1,
        due_by=None if running.clock.is_stopped else deadline(clock),
        requested_at=now,
        pending=clock if is_pending(clock) and not running.clock.is_stopped else None,
        unanswered_after_hours=item.handling.unanswered_after_hours,
    )


def withdrawal_of(
    of: Opened, item: ItemState, now: datetime, *, undo: bool, reason: Words = WITHDRAWN
) -> ItemWithdrawn:
    return WITHDRAWALS[item.plan.department](
        case=of.id, item=item.plan.code, action=item.plan.action, undo=undo, reason=reason, withdrawn_at=now
    )


def inputs_of(item: ItemState, of: Opened, items: Mapping[str, ItemState]) -> dict[str, str]:
    """What its department would be given now."""
    return {name: value for name, source in item.plan.inputs.items() if (value := _from(source, of, items))}


def form_fields(item: ItemState, inputs: Mapping[str, Words]) -> dict[str, Words]:
    """What a department says of its inputs, said of the form's fields that they come of."""
    sources = {name: source.partition(".") for name, source in item.plan.inputs.items()}
    return {
        (field if kind == "form" else kind): words
        for name, words in inputs.items()
        for kind, _, field in [sources.get(name, ("form", ".", name))]
        if kind not in ("item", "person")
    }


def _from(source: str, of: Opened, items: Mapping[str, ItemState]) -> str | None:
    """'form.x', 'item.code.result', 'person.role' or 'hospital.name'; None when the form left it empty or the item
    did not bring it.
    """
    kind, _, rest = source.partition(".")
    match kind:
        case "form":
            return of.form.get(rest)
        case "item":
            code, _, result = rest.partition(".")
            return items[code].results.get(result)
        case "person":
            person = of.as_opened.persons.get(rest)
            return str(person) if person else None
        case _:
            return of.facts.get(source)
