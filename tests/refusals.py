"""What a department's refusal says."""

import httpx


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def fields(answer: httpx.Response) -> set[str]:
    """The fields a refusal names."""
    return {error["field"] for error in answer.json()["errors"]}
