"""Filling a form: what is known comes by itself, what a person wrote is read, and all that is wrong is told at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from shared.contracts.errors import Invalid
from shared.forms.fields import FormField, Known, TimeField
from shared.standards.errors import NotValid
from shared.standards.text import Text

MISSING = Text("请填写此项。", "Please fill in this field.")
UNKNOWN = Text("表单中没有此项，请删除。", "The form has no such field; please leave it out.")
NOT_YOURS_TO_EDIT = Text(
    "此项来自户籍登记，不能在此修改；如有错误，请到公安机关更正。",
    "This comes from the household register and cannot be changed here; if it is wrong, have the police correct it.",
)


def prefilled(fields: Sequence[FormField], known: Known) -> dict[str, str]:
    """The form as it is handed out: every field whose value is known."""
    return {field.name: known[field.prefill] for field in fields if field.prefill and field.prefill in known}


def filled(
    fields: Sequence[FormField],
    given: Mapping[str, str],
    known: Known,
    today: date,
    now: datetime | None = None,
) -> dict[str, str]:
    """Field by field what is stored; fields not given take what is known, those left empty are not in it.

    `now`: against which times of day are held, too.

    Raises Invalid naming every wrong field.
    """
    ready = prefilled(fields, known)
    wrong = dict.fromkeys(given.keys() - {field.name for field in fields}, UNKNOWN)
    values: dict[str, str] = {}
    for field in fields:
        is_ready = (
            field.follows is None or field.follows in wrong or values.get(field.follows) == ready.get(field.follows)
        )
        try:
            if value := _value(field, given.get(field.name), ready.get(field.name, "") if is_ready else ""):
                values[field.name] = field.read(value, known, today)
                if isinstance(field, TimeField) and now:
                    field.require_past(values[field.name], values.get(field.day or ""), now)
            elif field.required:
                wrong[field.name] = MISSING
        except NotValid as problem:
            wrong[field.name] = problem.text
    if wrong:
        raise incorrect(wrong)
    return values


def _value(field: FormField, given: str | None, ready: str) -> str:
    if given is None:
        return ready
    value = field.spelt(given)
    if field.editable:
        return value
    if value != field.spelt(ready):
        raise NotValid("not_editable", NOT_YOURS_TO_EDIT.zh, NOT_YOURS_TO_EDIT.en)
    return ready


def check_characters(fields: Sequence[FormField], given: Mapping[str, str]) -> None:
    """Of a draft, of which nothing else is checked yet. Raises Invalid naming the fields whose characters cannot be."""
    wrong: dict[str, Text] = {}
    for field in fields:
        try:
            field.check_characters(field.spelt(given.get(field.name, "")))
        except NotValid as problem:
            wrong[field.name] = problem.text
    if wrong:
        raise incorrect(wrong)


def incorrect(wrong: Mapping[str, Text]) -> Invalid:
    return Invalid(
        "form_incorrect",
        "表单有误，请更正标出的各项后重新提交。",
        "The form is not right yet; please correct the marked fields and send it again.",
        fields=dict(sorted(wrong.items())),
    )
