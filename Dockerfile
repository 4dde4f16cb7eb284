# One image a department, with the packages it imports and no others:
#   docker build --build-arg DEPARTMENT=identity --build-arg PACKAGES=runtime .
# PACKAGES names a file of requirements/. The operator's tools: --target tools --build-arg PACKAGES=tools.
FROM python:3.11-slim AS packages
RUN command -v strip > /dev/null || { apt-get update && apt-get install -y --no-install-recommends binutils; }
RUN python -m venv /build && python -m venv --without-pip /venv
ARG PACKAGES
COPY requirements/${PACKAGES}.txt packages.txt
# neither what the libraries were made from nor what only debuggers read
RUN /build/bin/pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --no-deps \
        --require-hashes -r packages.txt \
    && find /venv \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' \) -delete \
    && find /venv -name '*.so' -exec strip --strip-unneeded {} +

FROM python:3.11-slim AS code
WORKDIR /app
COPY shared shared
ARG PACKAGES
RUN case "$PACKAGES" in runtime) rm -r shared/department/fonts ;; esac # no typst, no documents
COPY services/__init__.py services/
ARG DEPARTMENT
COPY services/${DEPARTMENT} services/${DEPARTMENT}
RUN test -n "$DEPARTMENT" && python -m compileall -q --invalidation-mode unchecked-hash . && chmod -R a+rX .

FROM python:3.11-slim AS tools-code
WORKDIR /app
COPY shared shared
COPY services services
COPY deploy deploy
RUN python -m compileall -q --invalidation-mode unchecked-hash . && chmod -R a+rX .

FROM python:3.11-slim AS base
RUN useradd --system --uid 10001 --no-create-home tongban
WORKDIR /app
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001

FROM base AS tools
COPY --from=tools-code /app /app
ARG RELEASE
LABEL org.opencontainers.image.version=$RELEASE
ENTRYPOINT ["python", "-m", "deploy.cli"]

FROM base
COPY --from=code /app /app
ARG DEPARTMENT
ENV DEPARTMENT=$DEPARTMENT HTTP_HOST=0.0.0.0 HTTP_PORT=8080
# what a certificate takes for a moment goes back to the system (deploy/runner/department_process.py)
ENV MALLOC_MMAP_THRESHOLD_=1048576
EXPOSE 8080
# by bash alone: a Python that only asks costs forty times as much
HEALTHCHECK --interval=30s --timeout=5s --start-period=300s --start-interval=1s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: department\\r\\n\\r\\n' >&3 && read -rt 4 _ status _ <&3 && [ \"$status\" = 200 ]"]
ARG RELEASE
ENV RELEASE=$RELEASE
LABEL org.opencontainers.image.version=$RELEASE
CMD ["sh", "-c", "exec python -m services.$DEPARTMENT"]
