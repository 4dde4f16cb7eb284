# One image a department: docker build --build-arg DEPARTMENT=identity .
FROM python:3.11-slim AS packages
COPY requirements/runtime.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r runtime.txt

FROM python:3.11-slim
ARG DEPARTMENT
RUN test -n "$DEPARTMENT" && useradd --system --uid 10001 --no-create-home tongban
COPY --from=packages /venv /venv
WORKDIR /app
COPY shared shared
COPY services/__init__.py services/
COPY services/${DEPARTMENT} services/${DEPARTMENT}
RUN python -m compileall -q shared services
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DEPARTMENT=$DEPARTMENT HTTP_HOST=0.0.0.0 HTTP_PORT=8080
# what a certificate takes for a moment goes back to the system (deploy/runner/department_process.py)
ENV MALLOC_MMAP_THRESHOLD_=1048576
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
CMD ["sh", "-c", "exec python -m services.$DEPARTMENT"]
