"""Filling a form: what is known comes by itself, what a person wrote is read, and all that is wrong is told at once."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.form_fields import FormField, Known
from shared.contracts.errors import Invalid
from shared.standards.errors import NotValid
from shared.standards.text import Text

MISSING = Text("请填写此项。", "Please fill in this field.")
UNKNOWN = Text("表单中没有此项，请删除。", "The form has no such field; please leave it out.")
NOT_YOURS_TO_EDIT = Text(
    "此项来自户籍登记，不能在此修改；如有错误，请到公安机关更正。",
    "This comes from the household register and cannot be changed here; if it is wrong, have the police correct it.",
)
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
    return {field.name: known[field.prefill] for field in type.fields if field.prefill and field.prefill in known}


def complete(type: CertificateType, given: Mapping[str, str], known: Known, today: date) -> FilledForm:
    """Fields not given take what is known. Raises Invalid naming every wrong field."""
    ready = prefilled(type, known)
    wrong = dict.fromkeys(given.keys() - {field.name for field in type.fields}, UNKNOWN)
    values: dict[str, str] = {}
    for field in type.fields:
        is_ready = (
            field.follows is None or field.follows in wrong or values.get(field.follows) == ready.get(field.follows)
        )
        try:
            if value := _value(field, given.get(field.name), ready.get(field.name, "") if is_ready else ""):
                values[field.name] = field.read(value, known, today)
            elif field.required:
                wrong[field.name] = MISSING
        except NotValid as problem:
            wrong[field.name] = problem.text
    if wrong:
        raise _incorrect(wrong)
    return FilledForm(type, values)


def corrected(
    type: CertificateType, before: Mapping[str, str], given: Mapping[str, str], known: Known, today: date
) -> FilledForm:
    """The form anew: fields not given stay as they were, those of the register are fetched again.

    Raises Invalid naming every wrong field, and those that may not change once submitted.
    """
    kept = {name: value for name, value in before.items() if (field := type.field(name)) and field.editable}
    form = complete(type, {**kept, **given}, known, today)
    if moved := {name for name in type.fixed if form.values[name] != before[name]}:
        raise _incorrect(dict.fromkeys(moved, FIXED))
    return form


def _value(field: FormField, given: str | None, ready: str) -> str:
    if given is None:
        return ready
    value = unicodedata.normalize("NFC", given).strip()
    if not field.editable and value != ready:
        raise NotValid("not_editable", NOT_YOURS_TO_EDIT.zh, NOT_YOURS_TO_EDIT.en)
    return value


def _incorrect(wrong: Mapping[str, Text]) -> Invalid:
    return Invalid(
        "form_incorrect",
        "表单有误，请更正标出的各项后重新提交。",
        "The form is not right yet; please correct the marked fields and send it again.",
        fields=dict(sorted(wrong.items())),
    )
