"""A department's view of itself, as metrics for Prometheus."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from shared.department.engine_state import EngineState
from shared.department.vital_signs import Code, Remark, Seen, can_serve, waits_since
from shared.inspection.inspector import Inspector

Values = Mapping[str, float]


def families(
    seen: Seen,
    state: EngineState,
    remarks: Sequence[Remark],
    department: str,
    release: str,
    inspector: Inspector | None = None,
    now: datetime | None = None,
) -> Iterator[Metric]:
    now = now or datetime.now(UTC)
    build = GaugeMetricFamily("tongban_build_info", "Always 1.", labels=("version",))
    build.add_metric((release,), 1)
    yield build
    yield from _whole(seen, state, department)
    standing = {one.code for one in remarks}
    yield _by("trouble", "1 while such a remark stands.", "code", {one: one in standing for one in get_args(Code)})
    yield from _own_feeds(seen, state, now)
    yield from _subscriptions(state)
    alarms = Counter(one.department for one in seen.ledger_alarms)
    yield _by("ledger_alarms", "Standing alarms, by neighbour.", "neighbour", alarms)
    lost = sum(one.lost for one in seen.epochs)
    yield _one("lost_events", "Own events that the database had not, and nobody else whole, in the last 7 days.", lost)
    yield _one("phantoms_undecided", "Own events that followed from phantoms and wait for officers.", seen.phantoms)
    yield _by(
        "rebuilding", "1 while phantoms are built out of a read model.", "read_model", dict.fromkeys(seen.rebuilding, 1)
    )
    yield _by("duty_failing", "1 while a duty fails.", "duty", dict.fromkeys(state.duties, 1))
    yield from _waiting(seen, now)
    yield from _pools(seen)
    yield _by("look_failed", "1 for each part that is not answered in time.", "part", dict.fromkeys(seen.failed, 1))
    if inspector is not None:
        yield from _inspections(inspector)


def _whole(seen: Seen, state: EngineState, department: str) -> Iterator[Metric]:
    yield _one("ready", "1 when requests can be served.", can_serve(seen, state, department))
    yield _one("database_up", "1 when the database answers.", seen.database)
    yield _one("signing_keys_known", "1 when tokens can be checked.", seen.signing_keys)
    yield _one("leading", "1 in the instance that leads.", state.is_leading)
    yield _one("broker_connected", "1 when the broker answers.", state.broker_connected)
    yield _one("superseded", "1 when a newer release has taken over.", state.is_superseded)


def _pools(seen: Seen) -> Iterator[Metric]:
    connections = GaugeMetricFamily(
        "tongban_pool_connections", "Connections to the database.", labels=("pool", "state")
    )
    for name, pool in seen.pools.items():
        for state, number in (("used", pool.size - pool.idle), ("idle", pool.idle), ("most", pool.most)):
            connections.add_metric((name, state), number)
    yield connections
    waiting = {name: pool.waiting for name, pool in seen.pools.items()}
    yield _by("pool_waiting", "Who waits for a connection.", "pool", waiting)


def _own_feeds(seen: Seen, state: EngineState, now: datetime) -> Iterator[Metric]:
    feeds = seen.feeds
    yield _by("feed_head", "Events of an own feed.", "feed", {name: one.head for name, one in feeds.items()})
    yield _by(
        "unpublished_events",
        "Numbered and not acknowledged by the broker.",
        "feed",
        {name: one.unpublished for name, one in feeds.items()},
    )
    yield _by(
        "oldest_unpublished_seconds",
        "How long the oldest of them has waited, as the leader knows; 0: there is none.",
        "feed",
        {name: _age(waits_since(name, one, state), now) * state.is_leading for name, one in feeds.items()},
    )
    refused = state.storing if state.is_leading and state.broker_connected else {}
    yield _by(
        "storing_refused",
        "1 while the broker answers and stores nothing of a feed.",
        "feed",
        {name: name in refused for name in feeds},
    )
    yield _one("unnumbered_events", "Committed and without a number.", seen.numbering.waiting)
    yield _one(
        "oldest_unnumbered_seconds", "Age of the oldest of them; 0: there is none.", _age(seen.numbering.oldest, now)
    )


def _subscriptions(state: EngineState) -> Iterator[Metric]:
    """Of the leader: nobody else reads."""
    held = state.subscriptions if state.is_leading else {}
    known = {name: one for name, one in held.items() if one.checkpoint is not None}
    yield _by(
        "subscription_checkpoint",
        "Events of a foreign feed applied.",
        "feed",
        {name: one.checkpoint or 0 for name, one in known.items()},
    )
    yield _by(
        "subscription_lag_events",
        "How far behind the provider's last head.",
        "feed",
        {name: max(0, (one.head or 0) - (one.checkpoint or 0)) for name, one in known.items()},
    )
    yield _by(
        "subscription_stands",
        "1 while it applies nothing on purpose.",
        "feed",
        {name: one.trouble is not None for name, one in held.items()},
    )
    yield _by(
        "subscription_read",
        "1 while somebody takes in what the broker brings.",
        "feed",
        {name: one.is_reading for name, one in held.items()},
    )


def _waiting(seen: Seen, now: datetime) -> Iterator[Metric]:
    yield _by("parked_events", "Events that wait for an operator.", "feed", seen.parked)
    yield _by(
        "stuck_things", "Things that cannot be done now.", "list", {n: one.things for n, one in seen.stuck.items()}
    )
    yield _by(
        "oldest_stuck_seconds",
        "How long the first of them has been so.",
        "list",
        {name: _age(one.since, now) for name, one in seen.stuck.items()},
    )
    yield _by(
        "timers",
        "Timers by what they wait for.",
        "state",
        {
            "overdue": seen.timers.overdue,
            "failed": seen.timers.failed,
            "pending_calendar": seen.timers.pending_calendar,
        },
    )
    yield _by("clocks_running_out", "Legal clocks that run out within three days.", "rule", seen.clocks)
    yield _by("waiting", "What waits for people here.", "what", seen.waiting)


def _inspections(inspector: Inspector) -> Iterator[Metric]:
    yield _by(
        "inspector_files",
        "Files of strangers under way and waiting.",
        "state",
        {"under_way": inspector.under_way, "waiting": inspector.waiting},
    )
    done = CounterMetricFamily("tongban_inspections", "Files examined, by outcome.", labels=("outcome",))
    for outcome, number in inspector.counts.items():
        done.add_metric((outcome,), number)
    yield done


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tongban_{name}", text, value=float(value))


def _by(name: str, text: str, label: str, values: Values | Mapping[Code, bool]) -> Metric:
    family = GaugeMetricFamily(f"tongban_{name}", text, labels=(label,))
    items: Iterable[tuple[str, float]] = values.items()
    for key, value in items:
        family.add_metric((key,), float(value))
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
