"""The names of the departments, in the order of their ports: append, so that known addresses stay."""

NAMES = ("identity", "certificates", "notification", "insurance", "cases")

SERVERS = ("postgres", "nats", "nats_monitor")
PLACES = (*SERVERS, *NAMES)
"""What listens, in the order of the ports from a base on."""

ADMINISTRATOR = "admin"  # login of the first administrator


def login_of(department: str) -> str:
    """At the broker of a stack of one jurisdiction, the default one."""
    return f"local-{department}"
