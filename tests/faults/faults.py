"""Which faults there are."""

from deploy.departments import NAMES
from tests.faults.burdens import BURDENS
from tests.faults.cluster import ClusteredStack
from tests.faults.erased import erase_people
from tests.faults.fault import Fault, Ground
from tests.faults.processes import fill_disk, jump_clocks, killed, lose_leader, restart_postgres
from tests.faults.releases import releases
from tests.faults.restored import RESTORED
from tests.faults.roads import (
    admit_an_integrator,
    broker_node,
    broker_stopped,
    delete_brokers_data,
    deliver_in_disorder,
    subscriber_down,
    wipe_broker,
)
from tests.faults.standby import FAILOVERS

PROCESSES = ("postgres", "nats", *NAMES)


def matrix(*, quick: bool = False) -> list[Fault]:
    """All faults. `quick`: with shorter outages and fewer events."""
    return [
        *(killed(name) for name in PROCESSES),
        Fault("PostgreSQL restarted", restart_postgres),
        Fault("broker wiped", wipe_broker),
        *RESTORED,
        Fault("data wiped under the broker", delete_brokers_data),
        Fault("new account while running", admit_an_integrator),
        Fault("delivered twice and in disorder", deliver_in_disorder),
        Fault("clocks jump by an hour", jump_clocks),
        Fault("the leading instance killed", lose_leader),
        Fault("people erased while departments are killed", erase_people, patience=180),
        releases(1 if quick else 10),
        *(broker_stopped(seconds) for seconds in ((5,) if quick else (10, 60, 300))),
        subscriber_down(5_000 if quick else 100_000),
        *BURDENS,
        Fault("PostgreSQL's disk full", fill_disk, Ground.small_disk),
        broker_node(ClusteredStack.follower, "one of three brokers lost"),
        broker_node(ClusteredStack.leader, "the leading one of three brokers lost"),
        Fault("new account while three brokers run", admit_an_integrator, Ground.three_brokers),
        *FAILOVERS,
    ]


def short() -> list[Fault]:
    """What `make test` has time for."""
    return [
        *(killed(name) for name in ("postgres", "nats", "certificates")),
        Fault("broker wiped", wipe_broker),
        Fault("delivered twice and in disorder", deliver_in_disorder),
    ]
