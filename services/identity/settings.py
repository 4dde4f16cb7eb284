"""What identity must be told beside what every department is told."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from joserfc.jwk import OKPKey
from pydantic import Field, FilePath, SecretStr, field_validator, model_validator

from services.identity.pseudonyms import Pseudonyms
from shared.department.key_file import private_key
from shared.department.settings import Settings
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber


class IdentitySettings(Settings):
    """`register_secret` must never change: streams are found by it. The signing key may: see POST /signing-keys."""

    register_secret: SecretStr = Field(min_length=32)
    signing_key_file: FilePath  # Ed25519, PEM (PKCS 8, not encrypted)
    token_lifetime: timedelta = Field(default=timedelta(minutes=10), gt=timedelta(0), le=timedelta(hours=1))
    session_lifetime: timedelta = Field(default=timedelta(hours=12), gt=timedelta(0), le=timedelta(days=30))
    first_administrator_login: str | None = None  # appointed at the start if nobody has this login
    first_administrator_password: SecretStr | None = None
    first_administrator_id_number: SecretStr | None = None  # tells who they are, so that nobody appoints themselves

    @field_validator("first_administrator_id_number")
    @classmethod
    def _is_an_id_number(cls, number: SecretStr | None) -> SecretStr | None:
        if number is None or not number.get_secret_value():
            return None  # compose.yaml passes on an empty one
        try:
            IdNumber(number.get_secret_value())
        except NotValid as error:
            raise ValueError(error.text.en) from None
        return number

    @field_validator("signing_key_file")
    @classmethod
    def _holds_a_key(cls, path: Path) -> Path:
        private_key(path)
        return path

    @model_validator(mode="after")
    def _administrator_is_whole(self) -> Self:
        if (self.first_administrator_login is None) != (self.first_administrator_password is None):
            raise ValueError("FIRST_ADMINISTRATOR_LOGIN and FIRST_ADMINISTRATOR_PASSWORD go together")
        return self

    @property
    def first_administrator(self) -> IdNumber | None:
        """Who the first administrator is, if somebody said so."""
        number = self.first_administrator_id_number
        return IdNumber(number.get_secret_value()) if number else None

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(self.register_secret.get_secret_value())

    @cached_property
    def signing_key(self) -> OKPKey:
        """The private key that access tokens are signed with."""
        return private_key(self.signing_key_file)

    @cached_property
    def kid(self) -> str:
        """RFC 7638 thumbprint of the signing key."""
        return self.signing_key.thumbprint()
