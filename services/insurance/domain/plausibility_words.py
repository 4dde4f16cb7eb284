"""The rules of plausibility in words, with the figures of the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Facts:
    number: int = 0
    other: int = 0
    limit: str = ""
    amount: Decimal = Decimal(0)
    hospital: str = ""
    first: date = date.min
    last: date = date.min


def _sex(_: Facts) -> Text:
    return Text("公民身份号码显示参保人为男性，不能享受生育待遇。", "By the ID number the insured person is a man.")


def _age(of: Facts) -> Text:
    return Text(
        f"参保人出院时{of.number}周岁，不在通常的生育年龄内。",
        f"The insured person was {of.number} years old at the discharge, which is no usual age to give birth.",
    )


def _interval(of: Facts) -> Text:
    return Text(
        f"与该参保人另一次分娩（{_days_zh(of)}）相隔{of.number}天，少于{of.limit}天。",
        f"Another delivery of the same person ({_days_en(of)}) lies {of.number} days apart, less than {of.limit}.",
    )


def _children(of: Facts) -> Text:
    return Text(
        f"一次分娩申报{of.number}个孩子，超过{of.limit}个。",
        f"{of.number} children are claimed for one delivery, more than {of.limit}.",
    )


def _register(of: Facts) -> Text:
    return Text(
        f"申报{of.number}个孩子，户口登记为{of.other}个。",
        f"{of.number} children are claimed; the household register knows of {of.other}.",
    )


def _overlap(of: Facts) -> Text:
    return Text(
        f"住院日期与该参保人在{of.hospital}的住院（{_days_zh(of)}）重叠。",
        f"The stay overlaps another one of the same person at {of.hospital} ({_days_en(of)}).",
    )


def _double(of: Facts) -> Text:
    return Text(
        f"与该参保人在{of.hospital}的另一份账单（{_days_zh(of)}）日期和项目相同，疑似重复。",
        f"Another bill of the same person at {of.hospital} ({_days_en(of)}) has the same days and items.",
    )


def _sum(of: Facts) -> Text:
    return Text(
        f"账单总额{of.amount:,.2f}元，超过同类账单的核查标准{of.limit}元。",
        f"The bill's total of {of.amount:,.2f} yuan is above {of.limit}, from which such bills are looked at.",
    )


def _days_zh(of: Facts) -> str:
    return f"{of.first}" if of.first == of.last else f"{of.first}至{of.last}"


def _days_en(of: Facts) -> str:
    return f"{of.first}" if of.first == of.last else f"{of.first} to {of.last}"


WORDS: Mapping[str, Callable[[Facts], Text]] = {
    "sex": _sex,
    "age": _age,
    "interval": _interval,
    "children": _children,
    "register": _register,
    "overlap": _overlap,
    "double": _double,
    "sum": _sum,
}
