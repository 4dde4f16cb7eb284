"""Proofs of identity from outside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.stand_in import StandIn, providers_file
from shared.contracts.errors import Invalid, Refused
from shared.department.assertions import LONGEST_LIFE, Providers, read_providers, sign, spend, verify
from shared.department.tokens import new_private_key
from tests.department import Department

NOW = datetime.now(UTC) + timedelta(days=1)  # what is past is swept meanwhile
KEY = new_private_key()
NUMBER = "130123198503120019"
CLAIMS: dict[str, Any] = {
    "iss": "stand-in",
    "aud": "identity",
    "name": "王小明",
    "id_number": NUMBER,
    "method": "eid",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
    "jti": "0123456789abcdef",
    "nonce": "given by us",
}


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Providers:
    path = tmp_path_factory.mktemp("providers") / "providers.yaml"
    path.write_text(providers_file(KEY), "utf-8")
    return read_providers(path)


def test_what_the_stand_in_vouches_for_says_that_it_does(providers: Providers) -> None:
    assertion = StandIn(KEY).vouch("王小明", NUMBER, audience="identity", now=NOW, nonce="given by us")
    proof = verify(assertion, providers, "identity", NOW, "given by us")

    assert (proof.name, proof.id_number, proof.method) == ("王小明", NUMBER, "card_and_face")
    assert (proof.provider.name, proof.provider.is_stand_in) == ("stand-in", True)
    assert "替身" in proof.provider.title.zh


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": ["stand-in"]},
        {"aud": "certificates"},
        {"method": "hearsay"},
        {"id_number": "130123198503120018"},
        {"name": ""},
        {"jti": "short"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(NOW.timestamp()) - 60},
        {"iat": int(NOW.timestamp()) + 60},
        {"exp": int((NOW + LONGEST_LIFE).timestamp()) + 1},
        {"exp": 2**70},
        {"exp": "soon"},
    ],
)
def test_what_is_not_quite_right_is_refused_by_one_answer(providers: Providers, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="assertion_wrong"):
        verify(sign(KEY, {**CLAIMS, **changes}), providers, "identity", NOW, "given by us")


@pytest.mark.parametrize("assertion", ["", "nonsense", "a.b.c", "." * 5000, sign(new_private_key(), CLAIMS)])
def test_what_no_provider_signed_is_refused(providers: Providers, assertion: str) -> None:
    with pytest.raises(Invalid, match="assertion_wrong"):
        verify(assertion, providers, "identity", NOW, "given by us")


def test_a_provider_vouches_by_its_own_methods_only(providers: Providers) -> None:
    one = providers["stand-in"].model_copy(update={"methods": frozenset({"card"})})
    with pytest.raises(Invalid, match="assertion_wrong"):
        verify(sign(KEY, CLAIMS), {"stand-in": one}, "identity", NOW)


async def test_an_assertion_is_used_once(department: Department, providers: Providers) -> None:
    proof = verify(sign(KEY, CLAIMS), providers, "identity", NOW)
    await spend(department.engine.pool, proof)
    with pytest.raises(Refused, match="assertion_used"):
        await spend(department.engine.pool, proof)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[{name: x}]", "entry 0 name"),
        ("- 1", "entry 0"),
        ("{", "YAML"),
        (providers_file(KEY) * 2, "two entries"),
        (providers_file(KEY).replace("is_stand_in", "is_real"), "is_real"),
    ],
)
def test_a_wrong_list_of_providers_names_file_and_entry(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"providers\.yaml") as error:
        read_providers(path)
    assert told in str(error.value)


def test_an_assertion_lives_minutes() -> None:
    assert timedelta(minutes=1) <= LONGEST_LIFE <= timedelta(minutes=10)
