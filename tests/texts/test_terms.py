"""Every Chinese text of the project holds to the glossary's words: data, templates and the sentences in the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TERMS = ROOT / "docs" / "terms.yaml"
ROOMS = ("services", "shared", "deploy")
HAN = re.compile(r"[\u4e00-\u9fff]")


class Term(NamedTuple):
    wrong: re.Pattern[str]
    right: str
    files: tuple[str, ...]
    words: re.Pattern[str] | None


class Said(NamedTuple):
    place: str  # 'services/certificates/domain/refusals.py:98'
    text: str


def read_terms() -> list[Term]:
    entries: list[dict[str, Any]] = yaml.safe_load(TERMS.read_text("utf-8"))
    return [
        Term(
            re.compile(one["not"]),
            one["use"],
            tuple(one.get("but", {}).get("files", ())),
            re.compile(one["but"]["words"]) if "words" in one.get("but", {}) else None,
        )
        for one in entries
    ]


def chinese() -> Iterator[Said]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*")):
            at = file.relative_to(ROOT).as_posix()
            match file.suffix:
                case ".py":
                    yield from _in_code(file, at)
                case ".yaml" | ".typ" | ".html" | ".csv" if file.name != "divisions.csv":
                    yield from _in_lines(file, at)


def _in_code(file: Path, at: str) -> Iterator[Said]:
    """Sentences, not comments; docstrings are in English."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
            yield Said(f"{at}:{node.lineno}", node.value)


def _in_lines(file: Path, at: str) -> Iterator[Said]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        text = re.sub(r"(^|\s)(#|//)\s.*$", "", line)
        if HAN.search(text):
            yield Said(f"{at}:{number}", text)


@pytest.fixture(scope="module")
def texts() -> list[Said]:
    return list(chinese())


def test_the_texts_are_found(texts: list[Said]) -> None:
    rooms = {said.place.split("/")[1] for said in texts if said.place.startswith("services/")}
    assert {"certificates", "notification", "cases", "identity", "insurance"} <= rooms
    assert len(texts) > 1000


@pytest.mark.parametrize("term", read_terms(), ids=lambda term: term.wrong.pattern)
def test_a_word_not_to_use_is_not_used(term: Term, texts: list[Said]) -> None:
    found = [
        f"{said.place}: {said.text.strip()[:60]}"
        for said in texts
        if term.wrong.search(term.words.sub("", said.text) if term.words else said.text)
        and said.place.split(":")[0] not in term.files
    ]
    assert found == [], f"use {term.right}"


@pytest.mark.parametrize("term", read_terms(), ids=lambda term: term.wrong.pattern)
def test_an_exception_is_still_needed(term: Term) -> None:
    for name in term.files:
        assert term.wrong.search((ROOT / name).read_text("utf-8")), f"{name} no longer says it"
