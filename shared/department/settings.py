"""What a department must be told from outside, read from environment variables of the same names in upper case, or from
files that NAME_FILE names."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    Field,
    FilePath,
    IPvAnyNetwork,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from shared.contracts.errors import Misconfigured
from shared.contracts.member import NAME
from shared.department.assertions import Providers, read_providers
from shared.department.day_limits import COMMANDS_A_DAY, KILOBYTES_A_DAY, STAFF_COMMANDS_A_DAY
from shared.department.setting_files import GivenInFiles, with_password
from shared.eventstore import ledger_key_file, master_keys
from shared.eventstore.master_keys import Masters

PostgresUrl = Annotated[str, StringConstraints(pattern=r"^postgres(ql)?://")]
NatsUrl = Annotated[str, StringConstraints(pattern=r"^(nats|tls|ws|wss)://")]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://")]
Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode]


class DatabaseSettings(BaseSettings):
    """What reaching a department's database takes. An empty variable counts as missing."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True, extra="ignore")

    database_url: PostgresUrl = Field(repr=False)  # logs in as the application role
    database_password: SecretStr | None = None  # of that login, where the URL has none
    database_owner_url: PostgresUrl | None = Field(default=None, repr=False)  # given: the schema is laid at start
    database_owner_password: SecretStr | None = None
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library calls it so
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, GivenInFiles(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _passwords_stand_in_the_urls(cls, given: dict[str, Any]) -> dict[str, Any]:
        for kind in ("database", "database_owner", "nats"):
            given = with_password(given, kind)
        return given


class Settings(DatabaseSettings):
    """Every department's settings; a service adds its own in a subclass."""

    nats_url: NatsUrl = Field(repr=False)  # one address, or several joined by commas
    nats_password: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    metrics_host: str = "127.0.0.1"  # where the operator's network reaches us; never the gateway
    metrics_port: int | None = Field(default=None, ge=1, le=65535)  # for Prometheus; none: there are no metrics
    release: str | None = Field(default=None, max_length=64)  # told by the metrics; none: the installed package's
    trusted_proxies: Networks = ()  # addresses or networks joined by commas: whose X-Forwarded-For is believed
    sharing_file: FilePath  # the data-sharing catalogue
    jurisdiction: str | None = Field(default=None, pattern=NAME.pattern + "$")  # none: the catalogue's
    # encrypts its private keys and the keys of persons: 32 random bytes in base64; or several, the current one first
    key_master_file: FilePath
    ledger_key_file: FilePath | None = None  # Ed25519, PEM; without it no neighbour can witness this department
    message_gateway: Literal["sink"] = "sink"  # who sends messages to phones; the sink only keeps them
    identity_providers_file: FilePath | None = None  # who vouches for people from outside; none: nobody does
    citizen_commands_a_day: int = Field(default=COMMANDS_A_DAY, ge=1)  # what one citizen may have it store
    staff_commands_a_day: int = Field(default=STAFF_COMMANDS_A_DAY, ge=1)  # what one member of staff may
    citizen_kilobytes_a_day: int = Field(default=KILOBYTES_A_DAY, ge=1)  # of what they send with them, files apart
    otlp_endpoint: HttpUrl | None = None  # of a collector of traces, such as http://collector:4318; none: no traces
    trace_share: float = Field(default=1.0, ge=0, le=1)  # of the traces that begin here
    stream_replicas: int = Field(default=1, ge=1, le=5)
    drain_seconds: float = Field(default=0, ge=0, le=60)  # not ready and still serving, before it ends

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _joined_by_commas(cls, given: Any) -> Any:
        return [one.strip() for one in given.split(",") if one.strip()] if isinstance(given, str) else given

    @field_validator("key_master_file")
    @classmethod
    def _holds_a_master_key(cls, path: Path) -> Path:
        master_keys.read(path)
        return path

    @field_validator("ledger_key_file")
    @classmethod
    def _holds_a_ledger_key(cls, path: Path | None) -> Path | None:
        if path is not None:
            ledger_key_file.read(path)
        return path

    @field_validator("identity_providers_file")
    @classmethod
    def _names_providers(cls, path: Path | None) -> Path | None:
        if path is not None:
            read_providers(path)
        return path

    @property
    def key_masters(self) -> Masters:
        return master_keys.of_file(self.key_master_file)

    @cached_property
    def identity_providers(self) -> Providers:
        """By name."""
        return {} if self.identity_providers_file is None else read_providers(self.identity_providers_file)


S = TypeVar("S", bound=DatabaseSettings)


def load(cls: type[S]) -> S:
    """Read the settings. Raises Misconfigured, which names every variable that is missing or wrong, never a value."""
    try:
        return cls()
    except ValidationError as error:
        sentences = [
            _sentence(problem["loc"], problem["type"], problem["msg"])
            for problem in error.errors()
            if problem["type"] != "default_factory_not_called"  # nobody's mistake: it follows from one that is wrong
        ]
        raise Misconfigured(" ".join(sentences)) from None
    except SettingsError as error:  # a list or mapping that is no JSON; the message names the field, not the value
        raise Misconfigured(f"{error}.") from None


def _sentence(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = str(place[0]).upper() if place else "SETTINGS"
    if kind == "missing":
        return f"{name} is missing."
    return f"{name} is wrong: {message[:1].lower()}{message[1:]}."
