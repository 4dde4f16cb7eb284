"""The words of notices, as data: read and checked when the department starts."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from services.notification.domain.notice import Fact
from shared.contracts.errors import Broken
from shared.contracts.plain_yaml import read_yaml
from shared.standards.shanghai import SHANGHAI
from shared.standards.text import Language, Text

IN_BOTH = re.compile(r"(?P<zh>.*[\u4e00-\u9fff].*[。！？]) (?P<en>[A-Z][^\u4e00-\u9fff]*)", re.DOTALL)
Kind = Literal[
    "text", "either", "words", "time", "date", "certificate", "level", "entries", "case", "item", "items", "fields"
]
NONE = Text("无", "none")
ERASED = Text("（已删除）", "(erased)")
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Words(NamedTuple):
    """A notice as its reader sees it. Plain text; lines end in a line feed."""

    title: str
    body: str


class Wording(BaseModel):
    """A template in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Sentence
    body: Sentence

    def placeholders(self) -> set[str]:
        """ValueError: a brace without its pair, or anything but a bare name between braces."""
        found = set()
        for _, name, specification, conversion in Formatter().parse(f"{self.title}\n{self.body}"):
            if name is None:
                continue
            if not name.isidentifier() or specification or conversion:
                raise ValueError(f"{{{name}}} is no bare placeholder")
            found.add(name)
        return found


class Template(BaseModel):
    """What a notice says, and of which kind each of its placeholders is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: Mapping[str, Kind]
    zh: Wording
    en: Wording

    def to(self, language: Language) -> Wording:
        return self.en if language == "en" else self.zh

    @model_validator(mode="after")
    def _languages_agree(self) -> Self:
        for language, wording in (("zh", self.zh), ("en", self.en)):
            if odd := wording.placeholders() ^ self.facts.keys():
                raise ValueError(f"{language} and the facts do not agree on {', '.join(sorted(odd))}")
        return self


class Texts(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    templates: Mapping[str, Template]
    certificates: Mapping[str, Text]  # titles by the type's code
    levels: Mapping[str, Text]  # of administration, by their word in events
    cases: Mapping[str, Text]  # one-thing cases by their code
    items: Mapping[str, Text]  # of cases, by the item's code
    fields: Mapping[str, Text]  # labels by the field's name in a form

    def render(self, template: str, facts: Mapping[str, Fact], language: Language) -> Words:
        """Without any facts they were erased. Raises Broken when the file no longer holds what a notice needs."""
        entry = self.templates.get(template)
        if entry is None or (facts and entry.facts.keys() - facts.keys()):
            raise Broken(f"texts.yaml can no longer say a notice of template {template}")
        wording = entry.to(language)
        shown = {
            name: self._show(kind, facts[name], language) if facts else ERASED.to(language)
            for name, kind in entry.facts.items()
        }
        return Words(wording.title.format_map(shown), wording.body.format_map(shown))

    def _show(self, kind: Kind, fact: Fact, language: Language) -> str:
        match kind, fact:
            case "text", str():
                return fact
            case "either", str():
                return _in(language, fact)
            case "time", str():
                return show_time(datetime.fromisoformat(fact), language)
            case "date", str():
                return show_date(date.fromisoformat(fact), language)
            case "certificate", str():
                return _title(self.certificates, fact, language)
            case "level", str():
                return _title(self.levels, fact, language)
            case "case", str():
                return _title(self.cases, fact, language)
            case "item", str():
                return _title(self.items, fact, language)
            case "items", str():
                titles = [_title(self.items, code, language) for code in fact.split(",") if code]
                return (", " if language == "en" else "、").join(titles) or NONE.to(language)
            case "fields", str():
                titles = [_title(self.fields, name, language) for name in fact.split(",") if name]
                return (", " if language == "en" else "、").join(titles) or NONE.to(language)
            case "words", {"zh": zh, "en": en}:
                return en if language == "en" else zh
            case "entries", dict():
                between = ": " if language == "en" else "："
                entries = ((_title(self.fields, field, language), remark) for field, remark in fact.items())
                return "\n".join(f"- {label}{between}{remark}" for label, remark in entries)
            case _:
                raise Broken(f"a fact of kind {kind} came as {type(fact).__name__}")


def read_texts(text: str) -> Texts:
    """Raises Broken naming every entry that is wrong: a language is missing, placeholders differ."""
    try:
        return Texts.model_validate(read_yaml(text))
    except yaml.YAMLError as error:
        raise Broken(f"texts.yaml is no YAML: {error}") from None
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        raise Broken(f"texts.yaml is wrong: {'; '.join(wrong)}") from None


def _in(language: Language, text: str) -> str:
    """What stands there in both languages, Chinese first, in the reader's; what is in one as it stands."""
    both = IN_BOTH.fullmatch(text)
    return both["en" if language == "en" else "zh"] if both else text


def show_time(moment: datetime, language: Language) -> str:
    """'2023年12月23日10:30' or '2023-12-23 10:30 Beijing time': the clock on the wall in Asia/Shanghai.

    Midnight, where deadlines end, is told as the end of the day before: 24:00.
    """
    at = moment.astimezone(SHANGHAI)
    clock = f"{at:%H:%M}"
    if clock == "00:00":
        at, clock = at - timedelta(days=1), "24:00"
    day = show_date(at.date(), language)
    return f"{day} {clock} Beijing time" if language == "en" else f"{day}{clock}"


def show_date(day: date, language: Language) -> str:
    """'2023年12月23日' or '2023-12-23'."""
    return day.isoformat() if language == "en" else f"{day.year}年{day.month}月{day.day}日"


def _title(titles: Mapping[str, Text], code: str, language: Language) -> str:
    return titles[code].to(language) if code in titles else code


TEXTS = read_texts(Path(__file__).with_name("texts.yaml").read_text("utf-8"))
