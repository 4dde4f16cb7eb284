# Stands for nats:2.15-alpine: the wheel's server; wget is there for the health check.
FROM python-base
COPY nats-server /usr/local/bin/
RUN nats-server --version | grep -qF 'v2.15.'
ENTRYPOINT ["nats-server"]
