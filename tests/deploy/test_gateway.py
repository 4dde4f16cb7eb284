"""The gateway: real nginx with the shipped configuration, and what it holds off."""

import asyncio
import re
import subprocess
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.departments import NAMES
from deploy.embedded.ports import free_port
from deploy.gateway_problems import FOLDER, REFUSALS, locations, problems
from shared.department.connections import HEADER_BYTES
from shared.department.limits import LARGEST_BODY
from tests.deploy.nginx import HOST, Gateway, department, gateway, nginx_binary

CONFIGURATION = (FOLDER / "nginx.conf").read_text("utf-8")
SOON = {"client_header_timeout 10s": "client_header_timeout 1s", "client_body_timeout 10s": "client_body_timeout 1s"}
MIB = 1024 * 1024

real = pytest.mark.skipif(nginx_binary() is None, reason="nginx is not installed here: apt-get install nginx-light")


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["correlation_id"] == answer.headers["x-correlation-id"]
    return told


# what it says, beside what the departments say


def test_its_refusals_are_in_the_departments_words() -> None:
    assert (FOLDER / "problems.conf").read_text("utf-8") == problems()
    assert (FOLDER / "problem_locations.conf").read_text("utf-8") == locations()


def test_every_refusal_is_of_a_kind_of_its_own() -> None:
    assert all(refusal.kind.status == refusal.status for refusal in REFUSALS)


def test_it_has_a_host_name_for_every_department() -> None:
    named = re.search(r"first_label>([a-z|]+)\)", CONFIGURATION)
    assert named
    assert named[1].split("|") == list(NAMES)


def test_it_takes_bodies_as_large_as_the_departments_do() -> None:
    own: dict[str, int] = {}
    for name in NAMES:
        for router in import_module(f"services.{name}.service").SERVICE.routes:
            for route in router.routes:
                for handler in getattr(route, "route_handlers", ()):
                    if isinstance(handler.request_max_body_size, int) and handler.request_max_body_size > LARGEST_BODY:
                        own[route.path] = handler.request_max_body_size
    larger = re.findall(r"location ~ \^(\S+)/\?\$ \{\s+client_max_body_size (\w+);", CONFIGURATION)
    assert {path: in_bytes(size) for path, size in larger} == own
    assert f"    client_max_body_size {LARGEST_BODY // MIB}m;" in CONFIGURATION


def in_bytes(size: str) -> int:
    return int(size[:-1]) * {"k": 1024, "m": MIB}[size[-1]]


def test_it_takes_headers_as_large_as_the_departments_do() -> None:
    sizes = re.search(r"large_client_header_buffers (\d+) (\w+);", CONFIGURATION)
    assert sizes
    assert int(sizes[1]) * in_bytes(sizes[2]) == HEADER_BYTES


# what it does


@real
async def test_its_own_places_are_no_addresses(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        answer = await client.get("/_problems/503")
    assert (answer.status_code, problem(answer)["code"]) == (404, "no_such_address")


@real
async def test_metrics_do_not_pass(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        for path in ("/metrics", "/metrics/", "/Metrics", "/%6detrics", "/x/../metrics", "/vitals"):
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert problem(answer)["code"] == "no_such_address"
        assert (await client.get("/metricsystem")).json()["path"] == "/metricsystem"


@real
async def test_a_department_learns_the_clients_address_whatever_the_client_says(tmp_path: Path) -> None:
    lies = {"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "http", "forwarded": "for=198.51.100.1"}
    async with gateway(tmp_path) as made, made.client(**lies) as client:
        told = (await client.get("/people/%2F?after=1")).json()
    assert told["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert told["headers"]["x-forwarded-proto"] == "https"
    assert told["headers"]["host"] == HOST
    assert "forwarded" not in told["headers"]


@real
async def test_an_address_reaches_the_department_as_it_was_sent(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client("certificates.localhost") as client:
        told = (await client.get("/.well-known/jwks.json")).json()
    assert told["path"] == "/.well-known/jwks.json"


@real
async def test_a_correlation_id_is_kept_and_a_bad_one_replaced(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        good = (await client.get("/", headers={"x-correlation-id": "mine-1"})).json()
        bad = (await client.get("/", headers={"x-correlation-id": "no such"})).json()
    assert good["headers"]["x-correlation-id"] == "mine-1"
    assert re.fullmatch("[0-9a-f]{32}", bad["headers"]["x-correlation-id"])


@real
async def test_browsers_are_kept_on_tls_and_learn_no_version(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        answer = await client.get("/")
        refused = await client.get("/", headers={"host": "elsewhere.example"})
    for one in (answer, refused):
        assert one.headers["strict-transport-security"] == "max-age=31536000"
        assert one.headers["server"] == "nginx"


@real
async def test_what_comes_without_tls_is_sent_to_tls(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, httpx.AsyncClient(base_url=f"http://127.0.0.1:{made.http}") as client:
        answer = await client.post("/sign-in?a=b", headers={"host": HOST})
        elsewhere = await client.get("/", headers={"host": "elsewhere.example"})
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{HOST}/sign-in?a=b")
    assert (elsewhere.status_code, problem(elsewhere)["code"]) == (421, "no_such_host")


@real
async def test_no_old_tls_is_spoken(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{made.https}", "-cipher", "ALL:@SECLEVEL=0"]
        old = subprocess.run([*command, "-tls1_1"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        new = subprocess.run([*command, "-tls1_2"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert "protocol version" in old.stderr
    assert new.returncode == 0


@real
@pytest.mark.parametrize("path", ["/", "/check", "/evidence"])
async def test_another_host_name_is_not_served(tmp_path: Path, path: str) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        answer = await client.post(path, headers={"host": "elsewhere.example"})
    assert (answer.status_code, problem(answer)["code"]) == (421, "no_such_host")


@real
@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "Too large"), ("fr, en;q=0.5", "Too large"), ("zh, en", "内容过大"), ("fr", "内容过大")],
)
async def test_a_refusal_is_in_the_askers_language(tmp_path: Path, language: str, word: str) -> None:
    async with gateway(tmp_path) as made, made.client(**{"accept-language": language}) as client:
        answer = await client.post("/applications", content=b"x" * (MIB + 1))
    assert answer.status_code == 413
    assert problem(answer)["title"] == word
    assert answer.headers["content-language"] == ("en" if word == "Too large" else "zh-CN")


@real
async def test_bodies_have_the_departments_limits(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        assert (await client.post("/applications", content=b"x" * MIB)).json()["size"] == MIB
        assert (await client.post("/evidence", content=b"x" * 5 * MIB)).json()["size"] == 5 * MIB
        assert problem(await client.post("/evidence", content=b"x" * (5 * MIB + 1)))["code"] == "body_too_large"
        assert problem(await client.post("/check", content=b"x" * 6 * MIB))["code"] == "body_too_large"
        assert problem(await client.post("/applications", content=chunks(2 * MIB)))["code"] == "body_too_large"


async def chunks(size: int) -> Any:
    for _ in range(size // 65536):
        yield b"x" * 65536


@real
@pytest.mark.parametrize(
    "request_of",
    [
        {"url": "/" + "a" * 9000},
        {"url": "/", "headers": {"x-long": "a" * 9000}},
        {"url": "/", "headers": {f"x-{number}": "a" * 1000 for number in range(40)}},
    ],
    ids=["address", "header", "headers"],
)
async def test_headers_have_a_limit(tmp_path: Path, request_of: dict[str, Any]) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        answer = await client.get(**request_of)
    assert (answer.status_code, problem(answer)["code"]) == (431, "headers_too_large")


@real
async def test_half_sent_headers_are_not_waited_for(tmp_path: Path) -> None:
    async with gateway(tmp_path, SOON) as made:
        assert await sent_slowly(made, b"GET / HTTP/1.1\r\nHost: " + HOST.encode(), b"x") == b""


@real
async def test_a_body_that_stops_is_not_waited_for(tmp_path: Path) -> None:
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n".encode()
    async with gateway(tmp_path, SOON) as made:
        assert await sent_slowly(made, head, b"") == b""


async def sent_slowly(made: Gateway, start: bytes, dribble: bytes) -> bytes:
    """What comes back until nginx closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", made.https, ssl=made.tls, server_hostname=HOST)
    writer.write(start)
    ended = asyncio.create_task(reader.read())
    while not ended.done():
        writer.write(dribble)
        await asyncio.wait([ended], timeout=0.1)
    writer.close()
    try:
        return await ended
    except ConnectionResetError:
        return b""


@real
async def test_one_clients_requests_are_limited(tmp_path: Path) -> None:
    changes = {"rate=50r/s": "rate=1r/m", "burst=200": "burst=5"}
    async with gateway(tmp_path, changes) as made, made.client() as client:
        answers = [await client.get("/") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert problem(answers[-1])["code"] == "too_many"
    assert answers[-1].headers["retry-after"] == "60"


@real
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", f"/{path}") for path in ("sign-in", "staff/sign-in", "citizens", "codes", "kiosk/sessions")),
        *(("POST", f"/{path}") for path in ("me/verification/challenge", "evidence", "check")),
        ("GET", "/check"),
    ],
)
async def test_what_costs_much_is_limited_more(tmp_path: Path, method: str, path: str) -> None:
    changes = {"rate=5r/s": "rate=1r/m", "burst=30": "burst=2"}
    async with gateway(tmp_path, changes) as made, made.client() as client:
        costly = [(await client.request(method, path)).status_code for _ in range(4)]
        assert costly == [200, 200, 200, 429]
        assert (await client.get("/catalogue")).status_code == 200


@real
async def test_one_clients_requests_at_once_are_limited(tmp_path: Path) -> None:
    async with gateway(tmp_path, {"limit_conn connections 64": "limit_conn connections 2"}) as made:
        head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n".encode()
        held = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", made.https, ssl=made.tls, server_hostname=HOST)
            writer.write(head + b"Expect")
            held.append((reader, writer))
        async with made.client() as client:
            statuses = Counter([(await client.get("/")).status_code for _ in range(2)])
        for _, writer in held:
            writer.close()
    assert statuses == {429: 2}


@real
async def test_a_department_that_is_away_is_told_as_a_problem(tmp_path: Path) -> None:
    async with gateway(tmp_path, away=True) as made, made.client() as client:
        answer = await client.get("/")
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"


@real
async def test_its_log_names_no_client_and_no_path(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made, made.client() as client:
        await client.get("/check/110000-secret?c=secret", headers={"user-agent": "secret"})
        await client.get("/" + "secret" * 2000)
    assert '"department": "identity"' in made.log
    assert "secret" not in made.log + (tmp_path / "errors.log").read_text("utf-8")
    assert "127.0.0.1" not in made.log


def test_it_asks_docker_anew_where_a_department_is() -> None:
    assert "proxy_pass http://$department:8080;" in (FOLDER / "department.conf").read_text("utf-8")
    assert "resolver 127.0.0.11 valid=5s" in CONFIGURATION


# two instances of a department


@real
@pytest.mark.parametrize(
    ("method", "headers", "statuses"),
    [
        ("GET", {}, {200}),
        ("POST", {"idempotency-key": "one"}, {200}),
        ("POST", {}, {200, 503}),  # what the first did with it is not known
    ],
)
async def test_another_instance_is_asked_when_one_answers_503(
    tmp_path: Path, method: str, headers: dict[str, str], statuses: set[int]
) -> None:
    async with department(status=503) as superseded, department() as serving:
        servers = f"server 127.0.0.1:{superseded} max_fails=0; server 127.0.0.1:{serving} max_fails=0;"
        pair = {
            "http://$department:8080": "http://pair",
            "    include problems.conf;": f"    upstream pair {{ {servers} }}\n    include problems.conf;",
        }
        async with gateway(tmp_path, pair) as made, made.client(**headers) as client:
            assert {(await client.request(method, "/people")).status_code for _ in range(6)} == statuses


@real
async def test_a_command_goes_to_the_other_instance_when_one_is_gone(tmp_path: Path) -> None:
    async with department() as serving:
        servers = f"server 127.0.0.1:{free_port()} max_fails=0; server 127.0.0.1:{serving} max_fails=0;"
        pair = {
            "http://$department:8080": "http://pair",
            "    include problems.conf;": f"    upstream pair {{ {servers} }}\n    include problems.conf;",
        }
        async with gateway(tmp_path, pair) as made, made.client() as client:
            assert {(await client.post("/people")).status_code for _ in range(6)} == {200}


@real
async def test_a_command_with_a_key_is_told_that_nobody_answers(tmp_path: Path) -> None:
    async with gateway(tmp_path, away=True) as made, made.client(**{"idempotency-key": "one"}) as client:
        answer = await client.post("/people")
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
