"""Debian's Prometheus, where it is installed."""

import shutil

import pytest

PROMETHEUS = shutil.which("prometheus")
PROMTOOL = shutil.which("promtool")
AMTOOL = shutil.which("amtool")

needs_prometheus = pytest.mark.skipif(
    not (PROMETHEUS and PROMTOOL), reason="Prometheus is not installed here: apt-get install prometheus"
)

needs_alertmanager = pytest.mark.skipif(
    not AMTOOL, reason="Alertmanager is not installed here: apt-get install prometheus-alertmanager"
)
