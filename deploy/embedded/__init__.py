"""PostgreSQL and nats-server as child processes of a local runner or of the tests; no Docker needed."""
