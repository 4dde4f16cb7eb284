"""Makes the Grafana dashboards from a table of panels: `python -m deploy.watch.dashboards` writes dashboards/*.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "dashboards"
WIDE, HIGH = 24, 8  # of Grafana's grid: columns, and rows a panel
DEPARTMENT = 'department=~"$department"'  # the choice at the head of a dashboard
RATE = "[$__rate_interval]"

Kind = Literal["timeseries", "stat", "table"]


@dataclass(frozen=True, slots=True)
class Panel:
    """`expressions`: PromQL by its legend."""

    title: str
    expressions: Mapping[str, str]
    unit: str = "short"
    kind: Kind = "timeseries"
    about: str = ""


OVERVIEW = (
    Panel("Ready", {"{{department}}": "max by (department) (tongban_ready)"}, kind="stat", about="1: serves requests"),
    Panel(
        "Leading instances", {"{{department}}": "sum by (department) (tongban_leading)"}, kind="stat", about="1 each"
    ),
    Panel("Broker", {"{{department}}": "min by (department) (tongban_broker_connected)"}, kind="stat"),
    Panel(
        "What stands",
        {"{{department}} {{code}}": "max by (department, code) (tongban_trouble) == 1"},
        about="Codes as in the runbook; empty: all is well",
    ),
    Panel("Alerts", {"{{alertname}} {{department}}": 'ALERTS{alertstate="firing"}'}, about="Empty: none fires"),
    Panel(
        "Requests a second", {"{{department}}": f"sum by (department) (rate(tongban_requests_total{RATE}))"}, "reqps"
    ),
    Panel(
        "Commands a second",
        {"{{department}} {{outcome}}": f"sum by (department, outcome) (rate(tongban_commands_total{RATE}))"},
        "reqps",
    ),
    Panel(
        "Seconds, 99 of 100 answers",
        {
            "{{department}}": "histogram_quantile(0.99, sum by (department, le) "
            f"(rate(tongban_request_seconds_bucket{RATE})))"
        },
        "s",
    ),
    Panel("Memory", {"{{department}}": 'max by (department) (process_resident_memory_bytes{job="tongban"})'}, "bytes"),
    Panel(
        "Processor seconds a second",
        {"{{department}}": f'sum by (department) (rate(process_cpu_seconds_total{{job="tongban"}}{RATE}))'},
    ),
    Panel("Waits for people", {"{{department}} {{what}}": "max by (department, what) (tongban_waiting)"}),
    Panel(
        "Releases", {"{{department}} {{version}}": "count by (department, version) (tongban_build_info)"}, kind="table"
    ),
)

A_DEPARTMENT = (
    Panel(
        "Requests a second, by answer",
        {"{{status}}": f"sum by (status) (rate(tongban_requests_total{{{DEPARTMENT}}}{RATE}))"},
        "reqps",
    ),
    Panel(
        "Slowest routes, seconds of 95 of 100 answers",
        {
            "{{method}} {{route}}": "topk(10, histogram_quantile(0.95, sum by (method, route, le) "
            f"(rate(tongban_request_seconds_bucket{{{DEPARTMENT}}}{RATE}))))"
        },
        "s",
    ),
    Panel(
        "Refusals, the ten most frequent codes",
        {"{{code}}": f"topk(10, sum by (code) (rate(tongban_refusals_total{{{DEPARTMENT}}}{RATE})))"},
        "reqps",
    ),
    Panel(
        "Share of commands that fail",
        {
            "failed": f'sum(rate(tongban_commands_total{{{DEPARTMENT},outcome="failed"}}{RATE})) '
            f"/ (sum(rate(tongban_commands_total{{{DEPARTMENT}}}{RATE})) > 0)"
        },
        "percentunit",
    ),
    Panel("Database", {"{{instance}}": f"tongban_database_up{{{DEPARTMENT}}}"}, kind="stat"),
    Panel("Database connections", {"{{instance}} {{pool}} {{state}}": f"tongban_pool_connections{{{DEPARTMENT}}}"}),
    Panel("Who waits for a connection", {"{{instance}} {{pool}}": f"tongban_pool_waiting{{{DEPARTMENT}}}"}),
    Panel(
        "Lag of the event loop, 99 of 100",
        {
            "{{instance}}": "histogram_quantile(0.99, sum by (instance, le) "
            f"(rate(tongban_event_loop_lag_seconds_bucket{{{DEPARTMENT}}}{RATE})))"
        },
        "s",
        about="How late it comes to what is due: something computes for long",
    ),
    Panel("Timers", {"{{state}}": f"max by (state) (tongban_timers{{{DEPARTMENT}}})"}),
    Panel(
        "Legal deadlines within three days",
        {"{{rule}}": f"max by (rule) (tongban_clocks_running_out{{{DEPARTMENT}}})"},
        about="Empty: none",
    ),
    Panel("Waits for people", {"{{what}}": f"max by (what) (tongban_waiting{{{DEPARTMENT}}})"}),
    Panel(
        "Stuck things, age of the first",
        {"{{list}}": f"max by (list) (tongban_oldest_stuck_seconds{{{DEPARTMENT}}})"},
        "s",
        about="Empty: nothing is stuck",
    ),
    Panel("Stuck things", {"{{list}}": f"max by (list) (tongban_stuck_things{{{DEPARTMENT}}})"}),
    Panel(
        "Lines logged a second",
        {"{{level}}": f'sum by (level) (rate(tongban_log_lines_total{{{DEPARTMENT},level!="debug"}}{RATE}))'},
    ),
    Panel("Memory", {"{{instance}}": f"process_resident_memory_bytes{{{DEPARTMENT}}}"}, "bytes"),
    Panel("Open files", {"{{instance}}": f"process_open_fds{{{DEPARTMENT}}}"}),
    Panel(
        "Files of strangers",
        {"{{state}}": f"sum by (state) (tongban_inspector_files{{{DEPARTMENT}}})"},
        about="Of departments that take files",
    ),
    Panel(
        "Files examined a second",
        {"{{outcome}}": f"sum by (outcome) (rate(tongban_inspections_total{{{DEPARTMENT}}}{RATE}))"},
        about="Of departments that take files",
    ),
    Panel("Parts of the look that fail", {"{{part}}": f"tongban_look_failed{{{DEPARTMENT}}}"}, about="Empty: none"),
)

THE_ROAD = (
    Panel(
        "Messages a second that the broker sends, by account",
        {"{{account}}": f'topk(10, sum by (account) (rate(tongban_account_messages_total{{direction="out"}}{RATE})))'},
        about="All accounts, whichever department is chosen",
    ),
    Panel("Connections at the broker", {"{{account}}": "sum by (account) (tongban_account_connections)"}),
    Panel(
        "Events a second, by own feed",
        {"{{feed}}": f"max by (feed) (rate(tongban_feed_head{{{DEPARTMENT}}}{RATE}))"},
    ),
    Panel("Unnumbered events", {"{{department}}": f"max by (department) (tongban_unnumbered_events{{{DEPARTMENT}}})"}),
    Panel(
        "Age of the oldest unnumbered event",
        {"{{department}}": f"max by (department) (tongban_oldest_unnumbered_seconds{{{DEPARTMENT}}})"},
        "s",
    ),
    Panel("Unpublished events", {"{{feed}}": f"max by (feed) (tongban_unpublished_events{{{DEPARTMENT}}})"}),
    Panel(
        "Age of the oldest unpublished event",
        {"{{feed}}": f"max by (feed) (tongban_oldest_unpublished_seconds{{{DEPARTMENT}}})"},
        "s",
    ),
    Panel(
        "The broker stores nothing of",
        {"{{feed}}": f"max by (feed) (tongban_storing_refused{{{DEPARTMENT}}}) == 1"},
        about="Empty: it stores everything",
    ),
    Panel(
        "Events behind the provider",
        {"{{department}} ← {{feed}}": f"max by (department, feed) (tongban_subscription_lag_events{{{DEPARTMENT}}})"},
    ),
    Panel(
        "Events applied a second",
        {
            "{{department}} ← {{feed}}": "max by (department, feed) "
            f"(rate(tongban_subscription_checkpoint{{{DEPARTMENT}}}{RATE}))"
        },
    ),
    Panel(
        "Subscriptions that stand still",
        {"{{department}} ← {{feed}}": f"max by (department, feed) (tongban_subscription_stands{{{DEPARTMENT}}}) == 1"},
        about="Empty: none",
    ),
    Panel(
        "Feeds that nobody reads",
        {"{{department}} ← {{feed}}": f"max by (department, feed) (tongban_subscription_read{{{DEPARTMENT}}}) == 0"},
        about="Empty: all are read",
    ),
    Panel(
        "Parked events",
        {"{{department}} ← {{feed}}": f"max by (department, feed) (tongban_parked_events{{{DEPARTMENT}}})"},
        about="Empty: none",
    ),
    Panel(
        "Duties that fail", {"{{department}} {{duty}}": f"tongban_duty_failing{{{DEPARTMENT}}}"}, about="Empty: none"
    ),
    Panel(
        "Ledger alarms",
        {"{{department}} about {{neighbour}}": f"tongban_ledger_alarms{{{DEPARTMENT}}}"},
        about="Empty: none stands",
    ),
    Panel("Leading instances", {"{{department}}": f"sum by (department) (tongban_leading{{{DEPARTMENT}}})"}),
    Panel("Broker", {"{{department}}": f"min by (department) (tongban_broker_connected{{{DEPARTMENT}}})"}),
)

DASHBOARDS: Mapping[str, tuple[str, Sequence[Panel]]] = {
    "overview": ("Tongban: overview", OVERVIEW),
    "department": ("Tongban: a department", A_DEPARTMENT),
    "road": ("Tongban: the road", THE_ROAD),
}
"""By file: title and panels."""


def dashboard(name: str) -> str:
    """The file's content."""
    title, panels = DASHBOARDS[name]
    made = {
        "uid": f"tongban-{name}",
        "title": title,
        "tags": ["tongban"],
        "schemaVersion": 39,
        "timezone": "browser",
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [_source(), *([] if name == "overview" else [_choice()])]},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _choice() -> dict[str, Any]:
    return {
        "name": "department",
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"query": "label_values(tongban_ready, department)", "refId": "departments"},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    width = WIDE // 3
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"h": HIGH, "w": width, "x": number % 3 * width, "y": number // 3 * HIGH},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + at),
                "expr": expression,
                "legendFormat": legend,
                "instant": panel.kind == "table",
                "range": panel.kind != "table",
            }
            for at, (legend, expression) in enumerate(panel.expressions.items())
        ],
    }


if __name__ == "__main__":
    for name in DASHBOARDS:
        (FOLDER / f"{name}.json").write_text(dashboard(name), "utf-8")
