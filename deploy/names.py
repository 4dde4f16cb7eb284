"""The names of the departments, in the order of their ports: append, so that known addresses stay."""

NAMES = ("identity", "certificates", "notification", "insurance", "cases")

SERVERS = ("postgres", "nats", "nats_monitor")


def metrics_of(department: str) -> str:
    """The place of its port for metrics."""
    return f"{department}_metrics"


PLACES = (*SERVERS, *NAMES, *map(metrics_of, NAMES))
"""Everything that listens, in the order of the ports from a base on."""

ADMINISTRATOR = "admin"  # login of the first administrator


def key_master_name(department: str) -> str:
    """Of the file in a data directory that holds its master keys; certificates had one before the others."""
    return "key-master.txt" if department == "certificates" else f"key-master-{department}.txt"
