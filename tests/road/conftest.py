"""What every attack came to, as a table at the end of the run."""

from collections.abc import Iterable

import pytest

from tests.road.judged import Verdict

VERDICTS: list[Verdict] = []
_KEY = "road verdicts"


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (worker := getattr(session.config, "workeroutput", None)) is not None:
        worker[_KEY] = [(one.kind, one.attack, one.who, one.answers, one.breaches) for one in VERDICTS]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    told = getattr(node, "workeroutput", {}).get(_KEY, ())
    VERDICTS.extend(Verdict(kind, attack, who, tuple(answers), tuple(bad)) for kind, attack, who, answers, bad in told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if VERDICTS:
        terminalreporter.section("attacks on the road")
        for line in table(VERDICTS):
            terminalreporter.write_line(line)


def table(verdicts: Iterable[Verdict]) -> list[str]:
    """A row an attack: as whom it was tried, what the road said, whether it held."""
    rows: dict[tuple[str, str], list[Verdict]] = {}
    for one in verdicts:
        rows.setdefault((one.kind, one.attack), []).append(one)
    lines = [f"{'kind':<11}{'attack':<84}{'held':<9}answers"]
    for (kind, attack), tried in rows.items():
        held = sum(not one.breaches for one in tried)
        answers = dict.fromkeys(answer for one in tried for answer in one.answers)
        open_to = ", ".join(one.who for one in tried if one.breaches)
        told = "; ".join(list(answers)[:4]) or "no answer"
        lines.append(
            f"{kind:<11}{attack:<84}{f'{held}/{len(tried)}':<9}{told}{f' — OPEN to {open_to}' if open_to else ''}"
        )
    logins = sorted({one.who for one in verdicts})
    return [*lines, f"tried by each of: {', '.join(logins)}"]
