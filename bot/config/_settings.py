"""All settings: the environment, and `session-bot.toml`, as one frozen `Settings`."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from bot.config._grants import Grant, granted, granted_elsewhere
from bot.config._paths import by_its_own_name, resolve_path
from bot.config._tables import DirectoryConfig, Limits, RuleConfig
from bot.config._value_forms import (
    AnnounceSecrets,
    AppToken,
    BotToken,
    Channels,
    Command,
    Host,
    LogHosts,
    LogLevel,
    Nat64Prefix,
    NoProxy,
    Port,
    Positive,
    ProxyUrl,
    Responders,
    Seconds,
    Secret,
    SecretKeys,
    SessionHosts,
    Url,
    file_or_server,
)
from bot.process.network import PUBLIC_IPV4, Proxy
from storage.address import ServerAddress


class Settings(BaseModel):
    """The bot's settings. Fields with a description are environment variables, named by their alias.

    Lists are written with commas. The other fields come from the file that `config` names, if any.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True, hide_input_in_errors=True)

    slack_bot_token: BotToken | None = Field(
        default=None,
        validation_alias="SLACK_BOT_TOKEN",
        description="The app's bot token, `xoxb-…`.",
    )
    slack_app_token: AppToken | None = Field(
        default=None,
        validation_alias="SLACK_APP_TOKEN",
        description="An app-level token, `xapp-…`, with `connections:write`: Socket Mode.",
    )
    slack_signing_secret: Secret | None = Field(
        default=None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="The app's signing secret: HTTP mode, where there is no app-level token.",
    )
    slack_api_url: Url = Field(
        default="https://slack.com/api/",
        validation_alias="SLACK_API_URL",
        description="URL of Slack's Web API.",
    )
    voximplant_api_url: Url = Field(
        default="https://api.voximplant.com/platform_api",
        validation_alias="VOXIMPLANT_API_URL",
        description="URL of the Management API.",
    )
    voximplant_credentials: Path | None = Field(
        default=None,
        validation_alias="VOXIMPLANT_CREDENTIALS",
        description="Path of a service account's JSON; goes before an API key.",
    )
    voximplant_account_id: Positive | None = Field(
        default=None,
        validation_alias="VOXIMPLANT_ACCOUNT_ID",
        description="The account's id, with `VOXIMPLANT_API_KEY`.",
    )
    voximplant_api_key: Secret | None = Field(
        default=None,
        validation_alias="VOXIMPLANT_API_KEY",
        description="The account's API key, where there is no service account.",
    )
    voximplant_session_hosts: SessionHosts = Field(
        default=("*.voximplant.com", PUBLIC_IPV4),
        validation_alias="VOXIMPLANT_SESSION_HOSTS",
        description="Hosts a session URL may name: `*.domain`, a host, an address, `public-ipv4`.",
    )
    voximplant_log_hosts: LogHosts = Field(
        default=(),
        validation_alias="VOXIMPLANT_LOG_HOSTS",
        description="Hosts, besides the platform's storages, that a log may be fetched from, without the token.",
    )
    voximplant_nat64_prefix: Nat64Prefix | None = Field(
        default=None,
        validation_alias="VOXIMPLANT_NAT64_PREFIX",
        description="The prefix of this network's own NAT64, if it has one; `64:ff9b::/96` is known.",
    )
    voximplant_plain_http: Literal["never", "stop", "always"] = Field(
        default="stop",
        validation_alias="VOXIMPLANT_PLAIN_HTTP",
        description="When plain http may be used: `never`, `stop` (only to end a session), `always`.",
    )
    start_timeout: Seconds = Field(
        default=15.0,
        validation_alias="VOXIMPLANT_START_TIMEOUT",
        description="Seconds for StartScenarios.",
    )
    session_timeout: Seconds = Field(
        default=5.0,
        validation_alias="VOXIMPLANT_SESSION_TIMEOUT",
        description="Seconds for a request to a session URL.",
    )
    read_timeout: Seconds = Field(
        default=10.0,
        validation_alias="VOXIMPLANT_READ_TIMEOUT",
        description="Seconds for every other call to the platform.",
    )
    command: Command = Field(
        default="/session",
        validation_alias="SESSION_BOT_COMMAND",
        description="The slash command.",
    )
    database: Annotated[Path | ServerAddress, BeforeValidator(file_or_server)] = Field(
        default=Path("session-bot.db"),
        validation_alias="SESSION_BOT_DATABASE",
        validate_default=True,
        description="The SQLite file; or the address of a PostgreSQL database, `postgresql://…`, for several replicas.",
    )
    config: Path | None = Field(
        default=None,
        validation_alias="SESSION_BOT_CONFIG",
        description="The config file; without it `session-bot.toml`, if there is one.",
    )
    channels: Channels = Field(
        default=frozenset(),
        validation_alias="SESSION_BOT_CHANNELS",
        description="Ids of the channels where sessions may be started; all, if empty.",
    )
    responders: Responders = Field(
        default=frozenset(),
        validation_alias="SESSION_BOT_RESPONDERS",
        description="Ids of users or groups who may stop other channels' sessions; all members, if empty.",
    )
    secret_keys: SecretKeys = Field(
        default=(),
        validation_alias="SESSION_BOT_SECRET_KEY",
        description="Fernet keys for session URLs: the first seals, all open. Without it, those of a file.",
    )
    confirm_seconds: Seconds = Field(
        default=60.0,
        validation_alias="SESSION_BOT_CONFIRM_SECONDS",
        description="Seconds after which a stop counts as not confirmed.",
    )
    watch_seconds: Seconds = Field(
        default=15.0,
        validation_alias="SESSION_BOT_WATCH_SECONDS",
        description="Seconds between look-ups of open sessions.",
    )
    directory_seconds: Seconds = Field(
        default=30.0,
        validation_alias="SESSION_BOT_DIRECTORY_SECONDS",
        description="Seconds between rounds that read which sessions announce themselves.",
    )
    announce_secrets: AnnounceSecrets = Field(
        default=(),
        validation_alias="SESSION_BOT_ANNOUNCE_SECRET",
        description="Secrets, one of which must have signed what a session announces; without it none need have.",
    )
    inbox_host: Host = Field(
        default="127.0.0.1",
        validation_alias="SESSION_BOT_INBOX_HOST",
        description="Address on which sessions may report to the bot at once, see `SESSION_BOT_INBOX_PORT`.",
    )
    inbox_port: Port | None = Field(
        default=None,
        validation_alias="SESSION_BOT_INBOX_PORT",
        description="The port of that inbox, which needs `SESSION_BOT_ANNOUNCE_SECRET`; without it there is none.",
    )
    ops_host: Host = Field(
        default="127.0.0.1",
        validation_alias="SESSION_BOT_OPS_HOST",
        description="Address on which `/healthz`, `/readyz` and `/metrics` are served.",
    )
    ops_port: Port = Field(
        default=3001,
        validation_alias="SESSION_BOT_OPS_PORT",
        description="Their port; 0 lets the system choose.",
    )
    host: Host = Field(
        default="127.0.0.1",
        validation_alias="SESSION_BOT_HOST",
        description="Address on which Slack's requests are received in HTTP mode.",
    )
    port: Port = Field(
        default=3000,
        validation_alias="SESSION_BOT_PORT",
        description="Their port; 0 lets the system choose.",
    )
    proxy: ProxyUrl | None = Field(
        default=None,
        validation_alias="SESSION_BOT_PROXY",
        description="The proxy to everything outside, `http://[user:password@]host:port`; it must allow CONNECT.",
    )
    no_proxy: NoProxy = Field(
        default=(),
        validation_alias="SESSION_BOT_NO_PROXY",
        description="Hosts reached without it: a host, `*.domain`, an address, a network.",
    )
    log_level: LogLevel = Field(
        default="INFO",
        validation_alias="SESSION_BOT_LOG_LEVEL",
        description="`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`.",
    )
    rules: tuple[RuleConfig, ...] = ()
    grants: tuple[Grant, ...] = ()
    limits: Limits = Limits()
    directory: DirectoryConfig = DirectoryConfig()

    @property
    def granted(self) -> tuple[Grant, ...]:
        """Return all grants: `grants`, or else everybody's, narrowed by `channels`."""
        return granted(self.grants, self.channels)

    @property
    def granted_elsewhere(self) -> tuple[Grant, ...]:
        """Return the grants that a stop of another channel's session needs as well: those of `responders`."""
        return granted_elsewhere(self.responders)

    @property
    def way_out(self) -> Proxy | None:
        """The proxy, if there is one."""
        return None if self.proxy is None else Proxy(self.proxy.get_secret_value(), self.no_proxy)

    @field_validator("slack_api_url")
    @classmethod
    def _end_with_slash(cls, url: str) -> str:
        return f"{url.rstrip('/')}/"  # slack_sdk joins method names to it

    @field_validator("voximplant_api_url")
    @classmethod
    def _end_without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("database", "voximplant_credentials", "config")
    @classmethod
    def _in_working_directory(cls, path: Any, info: ValidationInfo) -> Any:
        cwd: Path = (info.context or {}).get("cwd", Path())
        return resolve_path(cwd, str(path)) if isinstance(path, Path) else path

    @field_validator("database")
    @classmethod
    def _behind_links(cls, database: Path | ServerAddress) -> Path | ServerAddress:
        return by_its_own_name(database) if isinstance(database, Path) else database
