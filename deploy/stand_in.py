"""A stand-in for an identity provider: vouches for whomever it is told, and says in its title that it is a stand-in.

For demonstrations and tests on one machine. Whoever holds its key can be anybody, so no real department is given it.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from joserfc.jwk import OKPKey

from shared.department.assertions import METHODS, Method, sign
from shared.department.key_file import private_key

NAME = "stand-in"
LIVES = 120  # seconds


@dataclass(frozen=True, slots=True)
class StandIn:
    key: OKPKey

    @classmethod
    def of(cls, key_file: Path) -> "StandIn":
        return cls(private_key(key_file))

    def vouch(
        self,
        name: str,
        id_number: str,
        *,
        audience: str,
        now: datetime,
        nonce: str | None = None,
        method: Method = "card_and_face",
    ) -> str:
        """The assertion that this person was there with their card."""
        claims = {
            "iss": NAME,
            "aud": audience,
            "name": name,
            "id_number": str(id_number),
            "method": method,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + LIVES,
            "jti": secrets.token_hex(16),
        }
        return sign(self.key, claims if nonce is None else {**claims, "nonce": nonce})


def providers_file(key: OKPKey) -> str:
    """IDENTITY_PROVIDERS_FILE with the stand-in alone, as YAML."""
    return yaml.safe_dump(_rows(key), allow_unicode=True, sort_keys=False)


def providers_line(key: OKPKey) -> str:
    """The same in one line of ASCII: JSON, which is YAML."""
    return json.dumps(_rows(key))


def _rows(key: OKPKey) -> list[dict[str, Any]]:
    row = {
        "name": NAME,
        "title": {"zh": "演示用替身（非真实核验）", "en": "stand-in for demonstrations, no real check"},
        "public_key": str(key.as_dict(private=False)["x"]),
        "methods": sorted(METHODS),
        "is_stand_in": True,
    }
    return [row]
