"""An application's form: filled by `shared.forms`, with the rules of its certificate type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.certificates.domain.certificate_type import CertificateType
from shared.forms import filling
from shared.forms.fields import Known
from shared.standards.text import Text

FIXED = Text(
    "提交后不能更改；如需更改，请撤回后重新申请。",
    "This cannot be changed after submission; withdraw and apply anew.",
)


@dataclass(frozen=True)
class FilledForm:
    """A form that is right in itself. Only `complete` and `corrected` make one."""

    type: CertificateType
    values: Mapping[str, str]  # fields left empty are not in it

    @property
    def division(self) -> str:
        return self.values[self.type.division]

    @property
    def distinguishing(self) -> tuple[str, ...]:
        """The values of which a citizen has one open application."""
        return tuple(self.values[name] for name in self.type.one_open_per)


def prefilled(type: CertificateType, known: Known) -> dict[str, str]:
    """The form as it is handed out: every field whose value is known."""
    return filling.prefilled(type.fields, known)


def complete(type: CertificateType, given: Mapping[str, str], known: Known, today: date) -> FilledForm:
    """Fields not given take what is known. Raises Invalid naming every wrong field."""
    return FilledForm(type, filling.filled(type.fields, given, known, today))


def corrected(
    type: CertificateType, before: Mapping[str, str], given: Mapping[str, str], known: Known, today: date
) -> FilledForm:
    """The form anew: fields not given stay as they were, those of the register are fetched again.

    Raises Invalid naming every wrong field, and those that may not change once submitted.
    """
    kept = {name: value for name, value in before.items() if (field := type.field(name)) and field.editable}
    form = complete(type, {**kept, **given}, known, today)
    if moved := {name for name in type.fixed if form.values.get(name, "") != _spelt(type, name, before.get(name, ""))}:
        raise filling.incorrect(dict.fromkeys(moved, FIXED))
    return form


def _spelt(type: CertificateType, name: str, value: str) -> str:
    """A value as it would be stored today; what was submitted earlier may be spelt otherwise."""
    field = type.field(name)
    return field.spelt(value) if field else value
