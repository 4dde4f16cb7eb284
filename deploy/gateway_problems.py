"""The gateway's refusals, in the departments' own words: `python -m deploy.gateway_problems` writes them for nginx."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.department.problem_texts import Kind, of_status
from shared.department.problems import MEDIA_TYPE, RETRY_AFTER, RETRY_AFTER_TOO_MANY, problem_of
from shared.standards.text import Language

FOLDER = Path(__file__).parent / "gateway"
HEAD = "# Made from the departments' sentences by `python -m deploy.gateway_problems`; change those, not this.\n"

LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
# the first language of the list that Tongban speaks; weights are passed over
ENGLISH = r"~*^(\s*(?!zh|\s)[^,]*,)*\s*en\b"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What nginx says no with, and the statuses it would say it with by itself."""

    status: int
    instead_of: tuple[int, ...]
    retry_after: int | None = None

    @property
    def kind(self) -> Kind:
        return of_status(self.status)


REFUSALS = (
    Refusal(400, (400, 497, 501)),  # 497: no TLS where TLS is spoken
    Refusal(404, (404,)),
    Refusal(405, (405,)),
    Refusal(413, (413,)),
    Refusal(421, (421,)),
    Refusal(429, (429,), RETRY_AFTER_TOO_MANY),
    Refusal(431, (414, 494)),  # 494: headers too large
    Refusal(500, (500,)),
    Refusal(503, (502, 503, 504), RETRY_AFTER),
)


def problems() -> str:
    """problems.conf: the bodies, by language."""
    lines = ["map $http_accept_language $language {", "    default zh-CN;", f'    "{ENGLISH}" en;', "}"]
    for refusal in REFUSALS:
        lines.append(f"map $language $problem_{refusal.status} {{")
        for language in LANGUAGES:
            body = problem_of(refusal.kind, language, "$correlation_id").model_dump_json(exclude_none=True)
            assert "'" not in body, "nginx would end the text there"
            lines.append(f"    {language} '{body}';")
        lines.append("}")
    return HEAD + "\n".join(lines) + "\n"


def locations() -> str:
    """problem_locations.conf: where nginx goes when it says no. A location's headers replace those of its server.

    No named locations: nginx goes to none while it has read no address.
    """
    return HEAD + "".join(f"{line}\n" for refusal in REFUSALS for line in _location(refusal))


def _location(refusal: Refusal) -> Iterator[str]:
    yield f"error_page {' '.join(map(str, refusal.instead_of))} ={refusal.status} /_problems/{refusal.status};"
    yield f"location = /_problems/{refusal.status} {{"
    yield "    internal;"
    headers = {
        "Content-Language": "$language",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Correlation-Id": "$correlation_id",
        "Strict-Transport-Security": "$only_tls",
    }
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    yield f"    default_type {MEDIA_TYPE};"
    yield from (f"    add_header {name} {value} always;" for name, value in headers.items())
    yield f"    return {refusal.status} $problem_{refusal.status};"
    yield "}"


if __name__ == "__main__":
    (FOLDER / "problems.conf").write_text(problems(), "utf-8")
    (FOLDER / "problem_locations.conf").write_text(locations(), "utf-8")
