"""The alerts fire for what they are for, and only then; each has its entry in the runbook."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.watch.dashboards import FOLDER
from tests.deploy.watch.cases import CASES, WHERE, Case
from tests.deploy.watch.promtool import PROMTOOL, needs_prometheus

WATCH = FOLDER.parent
ALERTS = WATCH / "alerts.yaml"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]
}
RUNBOOK = (WATCH.parents[1] / "docs/guides/runbook.md").read_text("utf-8")
PARTS = ("**Means.**", "**Citizens notice.**", "**Look.**", "**Do.**", "**Worry.**")


def series(given: Mapping[str, str], job: str) -> list[dict[str, str]]:
    return [{"series": labelled(name, job), "values": values} for name, values in given.items()]


def labelled(name: str, job: str) -> str:
    bare, brace, labels = name.partition("{")
    where = WHERE.format(job=job)
    return f"{bare}{{{where}," + labels if brace else f"{bare}{{{where}}}"


def firing(alert: str, minutes: float, number: int) -> dict[str, Any]:
    return {
        "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
        "eval_time": f"{int(minutes * 60)}s",
        "exp_samples": [{"value": number, "labels": "{}"}] if number else [],
    }


def checks_of(alert: str, case: Case) -> list[dict[str, Any]]:
    fires = [firing(alert, case.after, 1)]
    if not case.at_once:
        fires.append(firing(alert, case.after - 1.5, 0))
    return [
        {"interval": "15s", "input_series": series(case.fires, case.job), "promql_expr_test": fires},
        {"interval": "15s", "input_series": series(case.quiet, case.job), "promql_expr_test": [firing(alert, 20, 0)]},
    ]


@needs_prometheus
def test_each_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    tests = [test for alert, case in CASES.items() for test in checks_of(alert, case)]
    file = tmp_path / "tests.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "15s", "tests": tests}))
    done = subprocess.run([str(PROMTOOL), "test", "rules", file], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_prometheus
@pytest.mark.parametrize(("what", "file"), [("rules", "alerts.yaml"), ("config", "prometheus.yaml")])
def test_prometheus_takes_the_files(what: str, file: str) -> None:
    done = subprocess.run([str(PROMTOOL), "check", what, WATCH / file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested() -> None:
    assert set(CASES) == set(RULES)


def test_every_alert_says_what_it_is_and_how_urgent() -> None:
    for name, rule in RULES.items():
        assert rule["labels"]["severity"] in ("page", "ticket"), name
        assert rule["annotations"]["summary"], name


def test_the_runbook_has_an_entry_for_each_alert_and_no_other() -> None:
    assert entries().keys() == RULES.keys()


@pytest.mark.parametrize("alert", RULES)
def test_an_entry_says_what_to_look_at_and_what_to_do(alert: str) -> None:
    entry = entries()[alert]
    assert [part for part in PARTS if part not in entry] == []


def entries() -> dict[str, str]:
    """By the alert's name."""
    pieces = re.split(r"^### (\w+)\n", RUNBOOK, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))
