"""What a certificate type is: dated data that the catalogue keeps, version by version."""

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.certificates.domain import promise, review_chain
from services.certificates.domain.concept import Concept, Word
from services.certificates.domain.content import STRUCK_OUT, Abroad, Computed, Numbering, Struck, struck_out
from services.certificates.domain.definition_problem import Problem, as_error
from services.certificates.domain.evidence_kind import MANDATE, EvidenceKind
from services.certificates.domain.issuer import Issuer, IssuerClass
from services.certificates.domain.promise import Promise
from services.certificates.domain.register_facts import SaysOf, WhenChanged
from services.certificates.domain.review_chain import Review
from services.certificates.domain.sources import OF_THE_REGISTER, SOURCES
from shared.contracts.certificates import ReviewStep
from shared.contracts.identity import Role
from shared.forms.fields import (
    BodyField,
    ChoiceField,
    DateField,
    DivisionField,
    FieldName,
    FormField,
    IdNumberField,
)
from shared.standards.credit_code import CreditCode
from shared.standards.legal_clock import LegalClock
from shared.standards.text import Text


def _begins_with_a_credit_code(text: str) -> str:
    CreditCode(text[:18])
    return text


TypeCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Z]{18}[0-9]{3}$"), AfterValidator(_begins_with_a_credit_code)
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]


Fact = Literal["identity", "residence", "household", "life", "insurance", "economic_status", "conduct"]
"""What other departments' events may change, and with it what a certificate says."""


class CertificateType(BaseModel):
    """One version of a type. An application keeps the version it was submitted under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    version: int = Field(ge=1)
    in_force_from: date
    source: tuple[str, ...] = Field(min_length=1)
    name: Text
    concept: Code | None = None  # what it certifies, of the closed list; else its names tell
    summary: Text
    type_code: TypeCode  # GB/T 36904: credit code of the defining body + 3 digits
    holder_type: Literal["111"] = "111"  # GB/T 36903: citizen ID
    several_valid: bool = False  # may a holder have several valid ones at a time?
    issuer: IssuerClass  # who may issue is a property of the type
    review: tuple[Review, ...] = Field(min_length=1, max_length=4)
    leader_signs: bool = False  # after the last review, before the seal
    countersigner: IssuerClass | None = None  # who signs and seals after the issuer: whoever decides the last review
    refusal_notice: Text | None = None  # what a refusal is called where it is for the applicant alone
    provisions: tuple[str, ...] = ()  # a refusal relies on; none: on what is usual for the issuer's class
    promise: Promise  # from submission to the decision
    valid_months: int | None = Field(default=None, ge=1)  # None: without end
    template: Code = "certificate"  # how the document looks
    rests_on: frozenset[Fact] = frozenset({"identity", "life"})
    says: Mapping[FieldName, SaysOf] = {}  # fields that say what the register says of others than by a prefill
    when_moved: WhenChanged = "review"  # of the place, within the jurisdiction of who issued it
    renumbered: bool = False  # what takes its place bears a number of its own
    least_age: int | None = Field(default=None, ge=0, le=150)  # of the applicant, in years
    minors_apply: bool = False  # for themselves, once they have the least age
    fields: tuple[FormField, ...] = Field(min_length=1)
    evidence: tuple[EvidenceKind, ...] = ()
    holder_name: FieldName
    holder_code: FieldName
    division: FieldName  # decides who reviews and issues, unless a body is chosen
    issuing_body: FieldName | None = None  # the field that names the body that issues
    one_open_per: tuple[FieldName, ...]  # a citizen has one open application for each combination of these
    certifies: tuple[FieldName, ...]  # what goes on the certificate beside the holder
    computed: tuple[Computed, ...] = ()  # what of that nobody writes
    struck_out: tuple[Struck, ...] = ()  # places that are not left blank
    abroad: Abroad | None = None  # when it goes abroad; None: never
    numbering: Numbering | None = None  # the issuing body's own; None: the serial is its number

    @property
    def fixed(self) -> frozenset[str]:
        """Fields that say which application this is: they stay as submitted."""
        chosen = {self.issuing_body} if self.issuing_body else set()
        return frozenset({self.division, *chosen, *self.one_open_per})

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields if field.name == name), None)

    def deadline(self, now: datetime) -> tuple[datetime | None, LegalClock | None]:
        """When an application submitted now is due; or else what that will follow from."""
        return promise.deadline(self.promise, now)

    def chain(self, division: str, issuer: Issuer) -> tuple[ReviewStep, ...]:
        """Who reviews an application for this place, one after the other; a leader of the issuing body signs last."""
        reviews = review_chain.chain(self.review, division, issuer)
        if not self.leader_signs:
            return reviews
        return (*reviews, ReviewStep(division=issuer.division, role=Role.leader))

    @property
    def said_names(self) -> tuple[str, ...]:
        """All that it is called by."""
        notice = self.refusal_notice or ()
        return (self.code, *self.name, *notice)

    @property
    def printed_labels(self) -> tuple[str, ...]:
        """What its content is called, beside the holder."""
        return tuple(text for name in self.certifies for text in (name, *self.label(name)))

    def certified(self, form: Mapping[str, str]) -> dict[str, str]:
        """What a certificate says of this form, in words."""
        struck = frozenset(struck_out(self.struck_out, form))
        said = ((name, STRUCK_OUT if name in struck else self._said(name, form)) for name in self.certifies)
        return {name: value for name, value in said if value is not None}

    def _said(self, name: str, form: Mapping[str, str]) -> str | None:
        if computed := next((one for one in self.computed if one.name == name), None):
            return computed.value(form)
        field = self.field(name)
        return field.printed(form[name]) if field and name in form else None

    def label(self, name: str) -> Text:
        """What a place of its paper is called."""
        computed = next((one.label for one in self.computed if one.name == name), None)
        field = self.field(name)
        return computed or (field.label if field else Text(name, name))

    def goes_abroad(self, content: Mapping[str, str]) -> bool:
        """Whether its paper bears English beside Chinese. `content`: as certified."""
        field = self.field(self.abroad.field) if self.abroad else None
        if self.abroad is None or field is None:
            return False
        return content.get(field.name) in {field.printed(value) for value in self.abroad.values}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        of_names = list(self._problems_of_names())
        of_fields = list(self._problems_of_fields()) if not of_names else []
        if problems := (*of_names, *of_fields, *review_chain.problems(self.review, self.issuer)):
            raise as_error(problems)
        return self

    def _problems_of_names(self) -> Iterator[Problem]:
        names = [field.name for field in self.fields]
        if len(set(names)) < len(names):
            yield Problem("fields", Text("有重名的项。", "a name occurs twice"))
        kinds = [kind.kind for kind in self.evidence]
        if len(set(kinds)) < len(kinds):
            yield Problem("evidence", Text("有重复的材料。", "a kind occurs twice"))
        if MANDATE in kinds:
            yield Problem("evidence", Text(f"{MANDATE}专指委托书。", f"{MANDATE} is the paper of who acts for another"))
        computed = [one.name for one in self.computed]
        if len({*names, *computed}) < len(names) + len(computed):
            yield Problem("computed", Text("有重名的项。", "a name occurs twice"))
        for role, named, there in self._named():
            if missing := set(named) - set(names) - set(computed if there else ()):
                said = ", ".join(sorted(missing))
                yield Problem(role, Text(f"表单中没有{said}。", f"there is no field {said}"))

    def _named(self) -> Iterator[tuple[str, Iterable[str], bool]]:
        """Where fields are named, which, and whether computed ones may be."""
        yield "holder_name", (self.holder_name,), False
        yield "holder_code", (self.holder_code,), False
        yield "division", (self.division,), False
        yield "issuing_body", (self.issuing_body,) if self.issuing_body else (), False
        yield "one_open_per", self.one_open_per, False
        yield "says", self.says, False
        yield "certifies", self.certifies, True
        yield "computed", (name for one in self.computed for name in (one.of, one.day, one.written) if name), False
        yield "struck_out", (one.unless for one in self.struck_out), False
        yield "struck_out", (name for one in self.struck_out for name in one.fields), True
        yield "abroad", (self.abroad.field,) if self.abroad else (), False

    def _problems_of_fields(self) -> Iterator[Problem]:
        place = self.field(self.division)
        if not isinstance(place, DivisionField):
            text = Text("应为村或县类型的项。", f"field {self.division} must be of type village or county")
            yield Problem("division", text)
        elif self.issuer == "village" and place.type != "village":
            text = Text(
                "由村签发的，应选择到村。", f"field {self.division} must be of type village, as villages issue it"
            )
            yield Problem("division", text)
        if self.issuing_body and not isinstance(self.field(self.issuing_body), BodyField):
            yield Problem("issuing_body", Text("应为机构类型的项。", f"field {self.issuing_body} must be of type body"))
        if self.countersigner and (self.leader_signs or len(self.review) < 2):
            said = Text("须由另一单位最后审核。", "another body must decide the last of two reviews or more")
            yield Problem("countersigner", said)
        earlier: set[str] = set()
        for field in self.fields:
            if problem := self._problem_of(field, earlier):
                yield Problem(f"fields.{field.name}", problem)
            earlier.add(field.name)
        if self.abroad and not self._is_a_choice(self.abroad):
            said = Text(
                "应为证照上的选择项，且取值在列。", "must be a choice that is certified, with values of its list"
            )
            yield Problem("abroad", said)
        for one in self.computed:
            if one.rule != "same" and not self._can_be_computed(one):
                said = Text(
                    "年龄由公民身份号码和日期算出，是否出生登记由两个日期算出。",
                    "an age follows from an ID number and a day, an entry at birth from two days",
                )
                yield Problem(f"computed.{one.name}", said)

    def _is_a_choice(self, abroad: Abroad) -> bool:
        field = self.field(abroad.field)
        codes = {choice.code for choice in field.choices} if isinstance(field, ChoiceField) else set()
        return abroad.field in self.certifies and set(abroad.values) <= codes

    def _can_be_computed(self, one: Computed) -> bool:
        of = self._is_a_number(one.of) if one.rule == "age" else isinstance(self.field(one.of), DateField)
        return of and one.day is not None and isinstance(self.field(one.day), DateField)

    def _is_a_number(self, name: str) -> bool:
        field = self.field(name)
        is_the_registers = field is not None and field.prefill == "person.id_number" and not field.editable
        return is_the_registers or isinstance(field, IdNumberField)

    def _problem_of(self, field: FormField, earlier: Set[str]) -> Text | None:
        if not field.editable and field.prefill is None:
            return Text("不可编辑的项应有预填来源。", "what cannot be edited needs a prefill")
        if field.prefill and field.prefill not in SOURCES:
            said = ", ".join(sorted(SOURCES))
            return Text(f"没有来源{field.prefill}。", f"no source {field.prefill}; there are {said}")
        if field.editable and field.prefill in OF_THE_REGISTER:
            return Text("户籍登记已有此项，应不可编辑。", "the register knows it, so it cannot be edited")
        if field.follows and (field.follows not in earlier or field.prefill is None):
            return Text(
                "follows应为之前的项，且须有预填来源。", "follows must name an earlier field, and needs a prefill"
            )
        if field.name in {self.holder_name, self.holder_code, *self.fixed} - {self.issuing_body} and not field.required:
            return Text("证照据此签发，应为必填。", "must be required, the certificate rests on it")
        return None


class AbolishedProof(BaseModel):
    """A proof that villages must not issue: it is not needed, or somebody else's to give."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: int = Field(ge=1, le=20)  # in the notice's list
    code: Code
    name: Text
    answer: Literal["not_needed", "not_issued_here"]
    because: Text  # what to do instead
    words: tuple[Word, ...]
    labels: tuple[Word, ...] | None = None
    issued_by: frozenset[IssuerClass] = frozenset()

    @property
    def basis(self) -> str:
        return f"民发〔2020〕20号附件第{self.item}项"

    @property
    def concept(self) -> Concept:
        return Concept(
            concept=self.code,
            name=self.name,
            words=self.words,
            labels=self.labels,
            issued_by=self.issued_by,
            basis=self.basis,
            because=self.because,
        )

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if self.answer == "not_needed" and self.issued_by:
            raise ValueError("issued_by: nobody issues what is not needed")
        return self
