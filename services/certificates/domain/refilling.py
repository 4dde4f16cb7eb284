"""An application whose form is filled anew from the register, because what nobody typed was corrected there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, Personal


class ApplicationRefilled(Event):
    """The register was corrected while it was under review, or approved and not issued: the form says it anew.

    Private to certificates. Stream `application-<id>`. Stored for ever: add optional fields, never rename, retype or
    remove.
    """

    application: UUID
    citizen: UUID
    form: Personal[dict[str, str]]
    refilled_at: datetime


@dataclass(frozen=True, slots=True)
class RefillApplication:
    """By the department: all of the form, as the register has it now."""

    form: Mapping[str, str]
    now: datetime


def refill(application: UUID, citizen: UUID, before: Mapping[str, str], command: RefillApplication) -> Sequence[Event]:
    if dict(before) == dict(command.form):
        return []
    return [
        ApplicationRefilled(application=application, citizen=citizen, form=dict(command.form), refilled_at=command.now)
    ]
