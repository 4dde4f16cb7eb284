"""How quotes are shown, alone and side by side."""

from services.insurance.api.held_answers import ConcernShown, show_concerns
from services.insurance.api.settlement_answers import LineShown, show_lines
from services.insurance.domain.compare import Comparison
from services.insurance.window import Quoted
from shared.contracts.case_items import Words
from shared.contracts.insurance import SettlementSheet, YearTotals
from shared.department.answer import Answer, words
from shared.standards.money import Yuan
from shared.standards.text import Text

SECOND = Text("后一种情形", "The second case")


class QuoteShown(Answer):
    """What a settlement would come to now; nothing was stored."""

    place: str
    filing: str
    person_class: str
    policy: str
    policy_version: str
    sheet: SettlementSheet
    before: YearTotals
    after: YearTotals
    relief: Yuan
    lines: list[LineShown]
    concerns: list[ConcernShown]  # why it would be held (待核实) instead of settled


def show_quote(quoted: Quoted) -> QuoteShown:
    priced = quoted.priced
    return QuoteShown(
        place=priced.situation.place,
        filing=priced.situation.filing,
        person_class=priced.situation.insured_class,
        policy=priced.policy.policy,
        policy_version=priced.chosen.version,
        sheet=priced.sheet,
        before=priced.before,
        after=priced.after,
        relief=priced.relief,
        lines=show_lines(priced.lines, priced.sheet, priced.before, quoted.earlier),
        concerns=show_concerns(quoted.concerns),
    )


class LineCompared(Answer):
    field: str
    label: Words
    first: str
    second: str
    difference: str  # second less first


class ComparisonShown(Answer):
    """`saved`: what the second variant spares the patient; below zero it costs more."""

    first: QuoteShown
    second: QuoteShown
    lines: list[LineCompared]
    saved: Yuan
    message: Words


def show_comparison(first: Quoted, second: Quoted) -> ComparisonShown:
    compared = Comparison(first.priced.result, second.priced.result)
    return ComparisonShown(
        first=show_quote(first),
        second=show_quote(second),
        lines=[
            LineCompared(
                field=one.field,
                label=words(one.label),
                first=str(one.one),
                second=str(one.other),
                difference=str(one.difference),
            )
            for one in compared.lines
        ],
        saved=compared.saves,
        message=words(compared.told(SECOND)),
    )
