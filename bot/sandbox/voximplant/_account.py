"""The customer's account: applications, rules and credentials, as set up in the control panel."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from itertools import count

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.voximplant._key_value import KeyValueStore

_SHIPPED = {1001: "obedient", 1002: "stuck", 1003: "slow-stop", 1004: "any-request", 1005: "crash"}
_FIRST_APPLICATION_ID = 4379001
_FIRST_RULE_ID = 1001
_FIRST_SCENARIO_ID = 5001


@dataclass(frozen=True, kw_only=True)
class Application:
    """A named set of rules."""

    application_id: int
    name: str
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A scenario of the account; one without an application is shared by all of them."""

    scenario_id: int
    name: str
    source: str = field(repr=False)
    application: Application | None
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule for StartScenarios; its scenarios run in their order. The same name may exist in two applications."""

    rule_id: int
    rule_name: str
    application: Application
    scenario_ids: tuple[int, ...]
    video_conference: bool
    modified: datetime


class Account:
    """Applications, rules, scenarios, money, and the two kinds of credentials."""

    def __init__(self) -> None:
        self.account_id = 4200001
        self.account_name = "sandbox"
        self.account_email = "sandbox@example.com"
        self.api_key = secrets.token_hex(16)
        self.key_id = secrets.token_hex(16)
        self.currency = "USD"
        self.balance = 100.0
        self.created = datetime.now(UTC)
        self.applications: list[Application] = []
        self.rules: list[Rule] = []
        self._key_values: dict[int, KeyValueStore] = {}
        self.scenarios: dict[int, Scenario] = {}
        self._scenario_ids = count(_FIRST_SCENARIO_ID)

    def add_application(self, name: str) -> Application:
        """Add an application; names are unique in an account. Raises ValueError for one that exists."""
        if any(application.name == name for application in self.applications):
            raise ValueError(f"there is an application {name!r} already")
        application = Application(
            application_id=_FIRST_APPLICATION_ID + len(self.applications),
            name=name,
            modified=datetime.now(UTC),
        )
        self.applications.append(application)
        return application

    def add_scenario(self, name: str, source: str, application: Application | None = None) -> Scenario:
        """Add a scenario that is bound to no rule yet."""
        scenario = Scenario(
            scenario_id=next(self._scenario_ids),
            name=name,
            source=source,
            application=application,
            modified=datetime.now(UTC),
        )
        self.scenarios[scenario.scenario_id] = scenario
        return scenario

    def scenarios_of(self, rule: Rule) -> tuple[Scenario, ...]:
        """Return the scenarios that are bound to a rule, in the order in which they run."""
        return tuple(self.scenarios[scenario_id] for scenario_id in rule.scenario_ids)

    def add_rule(
        self,
        application: Application,
        rule_name: str,
        *sources: str,
        rule_id: int | None = None,
        video_conference: bool = False,
    ) -> Rule:
        """Add a rule with a new scenario for each of the `sources` that is not empty.

        Raises ValueError for an id taken.
        """
        taken = {rule.rule_id for rule in self.rules}
        if rule_id is None:
            rule_id = max(taken, default=_FIRST_RULE_ID - 1) + 1
        if rule_id in taken:
            raise ValueError(f"there is a rule {rule_id} already")
        names = [rule_name, *(f"{rule_name} {number}" for number in range(2, len(sources) + 1))]
        scenarios = [
            self.add_scenario(name, source, application) for name, source in zip(names, sources, strict=True) if source
        ]
        rule = Rule(
            rule_id=rule_id,
            rule_name=rule_name,
            application=application,
            scenario_ids=tuple(scenario.scenario_id for scenario in scenarios),
            video_conference=video_conference,
            modified=datetime.now(UTC),
        )
        self.rules.append(rule)
        return rule

    def key_values(self, application: Application) -> KeyValueStore:
        """Return the key-value storage of an application, which all its scenarios share."""
        return self._key_values.setdefault(application.application_id, KeyValueStore())

    def service_account(self) -> dict[str, object]:
        """Return the service account's credentials, in the form of `VOXIMPLANT_CREDENTIALS`: a secret."""
        pem = _private_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "account_email": self.account_email,
            "account_id": self.account_id,
            "key_id": self.key_id,
            "private_key": pem.decode("ascii"),
        }

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """The public key for the service account's tokens."""
        return _private_key().public_key()


@cache
def _private_key() -> rsa.RSAPrivateKey:
    """Return the key of every service account of this process: keys are slow to make, their ids differ."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def default_account() -> Account:
    """Return a new account: its application "demo" has one rule for each scenario that ships."""
    account = Account()
    demo = account.add_application("demo")
    for rule_id, name in _SHIPPED.items():
        account.add_rule(demo, name, shipped_scenario(name), rule_id=rule_id)
    return account


def shipped_scenario(name: str) -> str:
    """Read the source of a scenario that ships with the sandbox, for example "obedient"."""
    file = resources.files("bot.sandbox") / "scenarios" / f"{name}.voxengine.js"
    return file.read_text(encoding="utf-8")
