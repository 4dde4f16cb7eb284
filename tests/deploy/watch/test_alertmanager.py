"""Alertmanager takes the shipped configuration, and tells each alert to who should hear of it."""

import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.watch.dashboards import FOLDER
from tests.deploy.watch.promtool import AMTOOL, needs_alertmanager

WATCH = FOLDER.parent
FILE = WATCH / "alertmanager.yaml"


def amtool(*arguments: str | Path) -> str:
    done = subprocess.run([str(AMTOOL), *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@needs_alertmanager
def test_alertmanager_takes_the_file() -> None:
    assert "2 receivers" in amtool("check-config", FILE)


@needs_alertmanager
@pytest.mark.parametrize(("severity", "receiver"), [("page", "pager"), ("ticket", "letter"), ("unheard-of", "letter")])
def test_who_is_told_follows_from_the_severity(severity: str, receiver: str) -> None:
    assert amtool("config", "routes", "test", f"--config.file={FILE}", f"severity={severity}") == receiver


def test_prometheus_tells_it() -> None:
    told = yaml.safe_load((WATCH / "prometheus.yaml").read_text("utf-8"))["alerting"]["alertmanagers"]
    assert told == [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]


def test_the_shipped_addresses_are_nobodys() -> None:
    """What ships must send nothing to anybody."""
    text = FILE.read_text("utf-8")
    assert "password:" not in text
    for receiver in yaml.safe_load(text)["receivers"]:
        for hook in receiver.get("webhook_configs", ()):
            assert ".example/" in hook["url"]
        for letter in receiver.get("email_configs", ()):
            assert letter["to"].endswith("@example")
