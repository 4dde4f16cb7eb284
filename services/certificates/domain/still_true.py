"""Whether an application still agrees with the household register, which may have changed while it was reviewed.

What follows here for an application is what `fact_change` says for a certificate: so none is issued that would have to
be suspended or revoked at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.certificates.domain import refusals
from services.certificates.domain.application_state import Particulars
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.sources import OF_THE_HOUSEHOLD, OF_THE_REGISTER
from shared.forms.fields import FormField, Known, Source
from shared.standards.divisions import is_within
from shared.standards.person_name import is_same_name


@dataclass(frozen=True, slots=True)
class RegisterNow:
    """`left`: the places that the applicant's household moved from since the form was filled."""

    is_alive: bool
    known: Known
    left: Sequence[str] = ()
    is_annulled: bool = False


def require_still_true(of: Particulars, type: CertificateType, register: RegisterNow) -> None:
    """Raises Refused "entry_annulled" and "applicant_died", whatever the type rests on, and "fact_changed" for what it
    does rest on.
    """
    if register.is_annulled:
        raise refusals.entry_annulled()
    if not register.is_alive:
        raise refusals.applicant_died()
    if changed := {field.name: field.label for field in _changed(of, type, register)}:
        raise refusals.fact_changed(changed)


def _changed(of: Particulars, type: CertificateType, register: RegisterNow) -> Iterator[FormField]:
    """What the applicant wrote himself need not agree with the register: he may live where he is not registered."""
    sources = _sources(type)
    for field in type.fields:
        if not field.editable and field.prefill in sources:
            now = register.known.get(field.prefill)
            if now is not None and not _is_same(field, of.form.get(field.name, ""), now):
                yield field
    place = type.field(type.division)
    has_left = any(is_within(left, of.division) for left in register.left)
    if has_left and place is not None and OF_THE_HOUSEHOLD & sources:
        yield place


def _is_same(field: FormField, before: str, now: str) -> bool:
    """A name that is only spelt otherwise names the same person."""
    return is_same_name(before, now) if field.type == "name" else field.spelt(before) == field.spelt(now)


def _sources(type: CertificateType) -> frozenset[Source]:
    rests_on_place = {"residence", "household"} & type.rests_on
    return (OF_THE_REGISTER if "identity" in type.rests_on else frozenset()) | (
        OF_THE_HOUSEHOLD if rests_on_place else frozenset()
    )
