"""One kind of attack: what was tried, what was answered, what should not have been."""

import json
import shlex
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

PROBLEM = "application/problem+json"
SHOWN = 300  # characters of an answer
LONGEST_CURL = 1500  # characters of a request that is shown


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whoever asked for it."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    again: str = ""  # the request, to be sent again by hand
    is_bare: bool = (
        False  # of the server beneath, which had no request yet, or to HEAD: there is no problem to look for
    )
    after: bytes = b""  # on a wire: what came behind this answer

    @property
    def code(self) -> str:
        """Of a problem; else nothing."""
        problem = self.json()
        return (
            str(problem.get("code", "")) if self.status >= HTTPStatus.BAD_REQUEST and isinstance(problem, dict) else ""
        )

    def json(self) -> Any:
        """None where there is none."""
        if "json" not in self.headers.get("content-type", ""):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def label(self) -> str:
        return f"{self.status} {self.code}".strip()


@dataclass
class Tried:
    """A line of the table."""

    kind: str
    what: str  # in a few words
    count: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, answer: Answer, expected: Callable[[Answer], bool] | None = None, wanted: str = "") -> None:
        """Count it. Wrong: an error of ours, a problem without its form, or not `expected` (`wanted` says what is)."""
        self.count += 1
        self.answers[answer.status] += 1
        if complaint := malformed(answer) or ("" if expected is None or expected(answer) else "not what was expected"):
            self.complain(f"{complaint} ({wanted}): {told(answer)}" if wanted else f"{complaint}: {told(answer)}")

    def complain(self, sentence: str) -> None:
        self.wrong.append(f"{self.kind}: {sentence}")


def malformed(answer: Answer) -> str:
    """What is wrong with it, whatever was asked. A department at rest is never away, so 503 needs a code of its own."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        is_busy = answer.status == HTTPStatus.SERVICE_UNAVAILABLE and answer.code in BUSY
        if not (is_busy and "retry-after" in answer.headers):
            return "an error of ours"
    if answer.status >= HTTPStatus.BAD_REQUEST and not answer.is_bare:
        if not answer.headers.get("content-type", "").startswith(PROBLEM):
            return "no problem+json"
        problem = answer.json()
        if not isinstance(problem, dict) or not all(problem.get(name) for name in ("code", "title", "detail")):
            return "a problem without its sentences"
    return ""


BUSY = frozenset({"inspector_busy"})


def told(answer: Answer) -> str:
    """One line of the answer, one of the request."""
    kind = answer.headers.get("content-type", "")
    shown = answer.body[:SHOWN].decode(errors="replace") if "json" in kind else f"{len(answer.body)} bytes of {kind}"
    return f"{answer.label} {shown}\n    {answer.again}"


def curl(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> str:
    """Without the token of who asked: that is said beside it."""
    parts = ["curl", "-X", method, url]
    for name, value in headers.items():
        if name.lower() not in ("host", "accept", "accept-encoding", "connection", "user-agent", "content-length"):
            parts += ["-H", f"{name}: {value}"]
    if body:
        parts += ["--data-binary", body.decode("utf-8", "backslashreplace")]
    line = shlex.join(parts)
    return line if len(line) <= LONGEST_CURL else f"{line[:LONGEST_CURL]}… ({len(line)} characters)"
