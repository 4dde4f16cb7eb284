"""What stands on a certificate's page, drawn up from the certificate. Pure; how it looks is the template's."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from services.certificates.document.glyphs import require_glyphs
from services.certificates.document.places import form_of
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.content import STRUCK_OUT
from services.certificates.domain.dates import day_in_china
from shared.contracts.certificates import CertificateIssued
from shared.department.glyphs import Named
from shared.forms.fields import DateField
from shared.standards.text import Text

TITLE = Text("证照名称", "title")
ISSUING_BODY = Text("颁发机构", "issuing body")
IDENTIFIER = Text("电子证照标识", "licence identifier")
NUMBER = Text("编号", "No.")
REVIEWER = Text("审核人", "Reviewed by")
LEADER = Text("签发人", "Signed by")
"""Whose hand it is: a leader's where the type says that one signs."""


@dataclass(frozen=True, slots=True)
class Line:
    field: str
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class Countersigning:
    """Of a second body, under its own signature and seal."""

    body: str
    reviewer: str


@dataclass(frozen=True, slots=True)
class Page:
    """Dates are in both languages; who reviewed is named, and stands beside the picture of his hand."""

    title: Text
    number: str
    identifier: str
    lines: tuple[Line, ...]
    issuing_body: str
    issued_on: str
    valid_from: Text
    valid_to: Text | None  # None: without end
    replaces: str | None  # identifier of the certificate it takes the place of
    reviewer: str
    signed_as: Text
    number_label: Text
    abroad: bool  # it bears English beside Chinese
    form: list[Any] | None  # rows of places; None: the lines are a table
    qr: str  # what the QR code says
    counter: Countersigning | None = None

    def require_glyphs(self) -> None:
        """Raises Invalid "missing_glyph" for the first text that cannot be drawn."""
        require_glyphs(self._texts())

    def _texts(self) -> Iterator[Named]:
        """Whatever comes from outside the template."""
        yield "title", TITLE, self.title.zh + self.title.en
        for line in self.lines:
            yield line.field, line.label, line.value + line.label.zh + line.label.en
        yield "issuing_body", ISSUING_BODY, self.issuing_body
        yield "reviewer", self.signed_as, self.reviewer
        if self.counter:
            yield "countersigning_body", ISSUING_BODY, self.counter.body
            yield "reviewer", REVIEWER, self.counter.reviewer
        yield "identifier", IDENTIFIER, self.identifier + self.number + (self.replaces or "")

    def as_data(self) -> dict[str, Any]:
        """For the template; a `Text` is a pair, Chinese first."""
        return asdict(self)


def page_of(
    says: CertificateIssued, type: CertificateType, *, reviewer: str, qr: str, counter: Countersigning | None = None
) -> Page:
    lines = tuple(_lines(says, type))
    form = form_of(type.template)
    return Page(
        title=type.name,
        number=says.number,
        identifier=says.identifier,
        lines=lines,
        issuing_body=says.issuing_body,
        issued_on=in_chinese(day_in_china(says.issued_at)),
        valid_from=_day(says.valid_from),
        valid_to=_day(says.valid_to) if says.valid_to else None,
        replaces=says.replaces_identifier,
        reviewer=reviewer,
        signed_as=LEADER if type.leader_signs or type.countersigner else REVIEWER,
        number_label=type.numbering.label if type.numbering else NUMBER,
        abroad=type.goes_abroad(says.content),
        form=form.drawn({line.field: line.value for line in lines}) if form else None,
        qr=qr,
        counter=counter,
    )


def _lines(says: CertificateIssued, type: CertificateType) -> Iterator[Line]:
    for name, value in ((type.holder_name, says.holder_name), (type.holder_code, says.holder_code)):
        yield _line(type, name, value)
    for name, value in says.content.items():
        if value:
            yield _line(type, name, value)


def _line(type: CertificateType, name: str, value: str) -> Line:
    if isinstance(type.field(name), DateField) and value != STRUCK_OUT:
        value = in_chinese(date.fromisoformat(value))
    return Line(name, type.label(name), value)


def in_chinese(day: date) -> str:
    """'2023年12月24日': the date of a document is written in Arabic numerals (GB/T 9704-2012, 7.3.5)."""
    return f"{day.year}年{day.month}月{day.day}日"


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)  # fmt: skip - strftime would follow the process's locale


def _day(day: date) -> Text:
    return Text(in_chinese(day), f"{day.day} {MONTHS[day.month - 1]} {day.year}")
