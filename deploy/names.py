"""The names of the departments, in the order of their ports: append, so that known addresses stay."""

NAMES = ("identity", "certificates", "notification", "insurance", "cases")

SERVERS = ("postgres", "nats", "nats_monitor")
PLACES = (*SERVERS, *NAMES)
"""What listens, in the order of the ports from a base on."""

ADMINISTRATOR = "admin"  # login of the first administrator
