"""The whole stack on one machine: PostgreSQL, NATS and one process a department, kept alive."""
