"""The customer's account: applications, rules and credentials, as set up in the control panel."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from itertools import count

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.voximplant._call_settings import CallSettings
from bot.sandbox.voximplant._key_value import KeyValueStore

_SHIPPED = {1001: "obedient", 1002: "stuck", 1003: "slow-stop", 1004: "any-request", 1005: "crash"}
_FIRST_APPLICATION_ID = 4379001
_FIRST_RULE_ID = 1001
_FIRST_SCENARIO_ID = 5001
_FIRST_SECRET_ID = 101


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
    calls: CallSettings | None = None
    pattern: str = ".*"
    pattern_exclude: str | None = None


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A named text of an application, which its scenarios read by `VoxEngine.getSecretValue`."""

    secret_id: int
    name: str
    value: str = field(repr=False)
    description: str
    application: Application
    created: datetime
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
        self.scenarios: dict[int, Scenario] = {}
        self.secrets: dict[int, Secret] = {}
        self.forbidden: set[str] = set()
        """Methods that the service account has no role for; the API key is not limited (facts)."""
        self._key_values: dict[int, KeyValueStore] = {}
        self._application_ids = count(_FIRST_APPLICATION_ID)
        self._scenario_ids = count(_FIRST_SCENARIO_ID)
        self._secret_ids = count(_FIRST_SECRET_ID)
        self._last_rule_id = _FIRST_RULE_ID - 1

    def add_application(self, name: str) -> Application:
        """Add an application; names are unique in an account. Raises ValueError for one that exists."""
        if any(application.name == name for application in self.applications):
            raise ValueError(f"there is an application {name!r} already")
        application = Application(
            application_id=next(self._application_ids),
            name=name,
            modified=datetime.now(UTC),
        )
        self.applications.append(application)
        return application

    def full_name(self, application: Application) -> str:
        """Return an application's name as the Management API shows it: with the account's name and domain (facts)."""
        return f"{application.name}{self._domain}"

    def short_name(self, name: str) -> str:
        """Return an application's name without the account's domain, which may or may not be there."""
        return name.removesuffix(self._domain)

    @property
    def _domain(self) -> str:
        return f".{self.account_name}.voximplant.com"

    def put_application(self, application: Application) -> None:
        """Put an application in the place of the one with its id; rules and scenarios stay in it."""
        self.applications = [_newer(each, application) for each in self.applications]
        self.rules = [replace(rule, application=_newer(rule.application, application)) for rule in self.rules]
        for scenario in self.scenarios.values():
            if scenario.application is not None:
                moved = replace(scenario, application=_newer(scenario.application, application))
                self.scenarios[scenario.scenario_id] = moved
        for secret in self.secrets.values():
            moved_secret = replace(secret, application=_newer(secret.application, application))
            self.secrets[secret.secret_id] = moved_secret

    def remove_application(self, application: Application) -> None:
        """Remove an application with its rules, its scenarios, its secrets and its key-value storage."""
        self.applications.remove(application)
        self.rules = [rule for rule in self.rules if rule.application != application]
        self.scenarios = {key: each for key, each in self.scenarios.items() if each.application != application}
        self.secrets = {key: each for key, each in self.secrets.items() if each.application != application}
        self._key_values.pop(application.application_id, None)

    def add_scenario(self, name: str, source: str, application: Application | None = None) -> Scenario:
        """Add a scenario that is bound to no rule yet; without an application it is shared."""
        scenario = Scenario(
            scenario_id=next(self._scenario_ids),
            name=name,
            source=source,
            application=application,
            modified=datetime.now(UTC),
        )
        self.scenarios[scenario.scenario_id] = scenario
        return scenario

    def put_scenario(self, scenario: Scenario) -> None:
        """Put a scenario in the place of the one with its id; running sessions do not notice (not known, assumed)."""
        self.scenarios[scenario.scenario_id] = scenario

    def remove_scenario(self, scenario: Scenario) -> None:
        """Remove a scenario from the account and from every rule."""
        del self.scenarios[scenario.scenario_id]
        for rule in self.rules:
            if scenario.scenario_id in rule.scenario_ids:
                left = tuple(each for each in rule.scenario_ids if each != scenario.scenario_id)
                self.put_rule(replace(rule, scenario_ids=left))

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
        calls: CallSettings | None = None,
    ) -> Rule:
        """Add a rule with a new scenario for each of the `sources` that is not empty.

        Raises ValueError for an id taken.
        """
        if rule_id is None:
            rule_id = self._last_rule_id + 1
        if any(rule.rule_id == rule_id for rule in self.rules):
            raise ValueError(f"there is a rule {rule_id} already")
        self._last_rule_id = max(rule_id, self._last_rule_id)
        scenarios = [
            self.add_scenario(rule_name if number == 1 else f"{rule_name} {number}", source, application)
            for number, source in enumerate(sources, 1)
            if source
        ]
        rule = Rule(
            rule_id=rule_id,
            rule_name=rule_name,
            application=application,
            scenario_ids=tuple(scenario.scenario_id for scenario in scenarios),
            video_conference=video_conference,
            modified=datetime.now(UTC),
            calls=calls,
        )
        self.rules.append(rule)
        return rule

    def put_rule(self, rule: Rule) -> None:
        """Put a rule in the place of the one with its id."""
        self.rules = [rule if each.rule_id == rule.rule_id else each for each in self.rules]

    def rule_that_rings(self, name: str) -> Rule | None:
        """Return the one rule with this name or id that has a scenario for a call; None for none, and for several."""
        rules = [rule for rule in self.rules if name in {rule.rule_name, str(rule.rule_id)} and rule.scenario_ids]
        return rules[0] if len(rules) == 1 else None

    def key_values(self, application: Application) -> KeyValueStore:
        """Return the key-value storage of an application, which all its scenarios share."""
        return self._key_values.setdefault(application.application_id, KeyValueStore())

    def add_secret(self, application: Application, name: str, value: str, description: str, now: datetime) -> Secret:
        """Add a secret of an application."""
        secret = Secret(
            secret_id=next(self._secret_ids),
            name=name,
            value=value,
            description=description,
            application=application,
            created=now,
            modified=now,
        )
        self.secrets[secret.secret_id] = secret
        return secret

    def secret_values(self, application: Application) -> dict[str, str]:
        """Return the values of an application's secrets by their names."""
        return {secret.name: secret.value for secret in self.secrets.values() if secret.application == application}

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


def _newer(application: Application, changed: Application) -> Application:
    return changed if application.application_id == changed.application_id else application


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
