"""Settings that are given in files: NAME_FILE names a file that holds what NAME would. So no secret need stand in a
process's environment, which whoever may look at a container sees."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from shared.contracts.errors import Misconfigured


class GivenInFiles(PydanticBaseSettingsSource):
    """Every setting may be given so, but those that are paths of files themselves. Whitespace around it does not count,
    and an empty file counts as missing."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return self._read(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Raises Misconfigured: a file cannot be read, or both NAME and NAME_FILE are given."""
        fields = self.settings_cls.model_fields
        names = [name for name in fields if f"{name}_file" not in fields]
        return {name: value for name in names if (value := self._read(name)) is not None}

    @staticmethod
    def _read(name: str) -> str | None:
        variable = f"{name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path:
            return None
        if os.environ.get(name.upper()):
            raise Misconfigured(f"{name.upper()} and {variable} are both given: keep one of them.")
        try:
            return Path(path).read_text("utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{variable} names a file that cannot be read ({type(error).__name__}).") from None


def with_password(given: dict[str, Any], kind: str) -> dict[str, Any]:
    """`<kind>_url` with `<kind>_password` in it, where one is given. ValueError: the URL names no user for it, or has a
    password already."""
    url, password = given.get(f"{kind}_url"), given.get(f"{kind}_password")
    if not isinstance(url, str) or not password:
        return given
    first, comma, others = url.partition(",")
    parts = urlsplit(first)
    if not parts.username or parts.password is not None:
        raise ValueError(f"{kind.upper()}_PASSWORD goes with a {kind.upper()}_URL that names a user and no password")
    text = password.get_secret_value() if isinstance(password, SecretStr) else str(password)
    user, _, host = parts.netloc.rpartition("@")
    whole = parts._replace(netloc=f"{user.rstrip(':')}:{quote(text, safe='')}@{host}").geturl()
    return {**given, f"{kind}_url": f"{whole}{comma}{others}"}
