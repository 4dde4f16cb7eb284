"""Numbers that this department tells operators of itself."""

from shared.department.gauge import Gauge

GAUGES = (
    Gauge("held_bills", "select count(*) from (select from held where status = 'held' limit 100000) as some_held"),
)
