"""The Kubernetes manifests fit the schemas of the oldest and the newest version they are for, and the code."""

from pathlib import Path
from typing import Final

import kubernetes_validate
import pytest

from bot.config import setting_descriptions
from bot.config._loading import load_settings
from bot.config._settings import Settings
from bot.life.app._leading import FLUSH_S
from bot.life.app._replica import DRAIN_S
from bot.slack.inbound import _http as http
from bot.slack.inbound._socket_mode import ANSWERED_WITHIN_S, CLOSING_S
from tests.deploy.files import (
    DEPLOY,
    KUBERNETES,
    Object,
    built,
    changed,
    containers_of,
    documents,
    identity,
    of_kind,
    settings_named,
)  # fmt: skip

OLDEST, NEWEST = "1.27", "1.37"
MODES: Final = {name: built(KUBERNETES / name) for name in ("socket-mode", "http-mode")}
FREE: Final = {"labels", "matchLabels", "data", "requests", "limits"}
"""Mappings whose names are the writer's own."""

modes = pytest.mark.parametrize("objects", MODES.values(), ids=MODES)


def container(objects: list[Object]) -> Object:
    """Return the one container of the one Deployment."""
    (deployment,) = of_kind(objects, "Deployment")
    (only,) = containers_of(deployment)
    return only


def pod(objects: list[Object]) -> Object:
    """Return what the Deployment says of a pod."""
    (deployment,) = of_kind(objects, "Deployment")
    found: Object = deployment["spec"]["template"]["spec"]
    return found


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@modes
def test_they_fit_the_schemas(objects: list[Object], version: str) -> None:
    """Every object is one that this version of Kubernetes takes, with no field that it does not know."""
    for each in objects:
        assert kubernetes_validate.validate(each, version, strict=True) == version


def test_an_unknown_field_fails_wherever_it_stands() -> None:
    """A field that Kubernetes does not know is found in every mapping of every object."""
    for found in MODES["http-mode"]:
        for place, each in changed(found):
            labels = found["kind"] == "Service" and place[-1:] == ("selector",)
            if not labels and not FREE.intersection(place[-1:]):
                with pytest.raises(kubernetes_validate.ValidationError):
                    kubernetes_validate.validate(each, NEWEST, strict=True)


def test_every_file_is_used() -> None:
    """Each file belongs to a mode, and no object is there twice."""
    for folder, objects in MODES.items():
        (own,) = documents(KUBERNETES / folder / "kustomization.yaml")
        named = {*own["resources"], *(each["path"] for each in own.get("patches", [])), "kustomization.yaml"}
        assert {each.name for each in (KUBERNETES / folder).iterdir()} <= named
        assert len(set(map(identity, objects))) == len(objects)
    assert {each.name for each in KUBERNETES.iterdir()} == set(MODES)


@modes
def test_its_settings_are_the_bots(objects: list[Object], tmp_path: Path) -> None:
    """The variables are settings, and with those of the Secret the bot starts on them."""
    text = "".join(path.read_text(encoding="utf-8") for path in KUBERNETES.rglob("*.yaml"))
    assert settings_named(text) <= setting_descriptions().keys()
    variables = next(
        each["data"] for each in of_kind(objects, "ConfigMap") if each["metadata"]["name"] == "session-bot"
    )
    assert variables.keys() <= setting_descriptions().keys()
    own = {each["name"]: each["value"] for each in container(objects).get("env", [])}
    assert own.keys() <= setting_descriptions().keys()
    files = next(each["data"] for each in of_kind(objects, "ConfigMap") if each["metadata"]["name"] != "session-bot")
    (config,) = files
    (tmp_path / config).write_text(files[config], encoding="utf-8")
    (tmp_path / "service-account.json").touch()
    here = {name: value.replace("/etc/session-bot/", f"{tmp_path}/") for name, value in (variables | own).items()}
    way_in = {"SLACK_SIGNING_SECRET": "s"} if own else {"SLACK_APP_TOKEN": "xapp-1"}
    key = {"SESSION_BOT_SECRET_KEY": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="}
    settings = load_settings(here | way_in | key | {"SLACK_BOT_TOKEN": "xoxb-1"}, tmp_path)
    assert settings.ops_host == "0.0.0.0"  # noqa: S104 - the pod's own network, where the probes come from
    assert settings.voximplant_credentials == tmp_path / "service-account.json"


@modes
def test_no_variable_comes_in_by_the_name_of_a_service(objects: list[Object]) -> None:
    """A Service that is called like the bot puts none of its links into the environment: `…_PORT` is a setting."""
    assert pod(objects)["enableServiceLinks"] is False
    assert pod(objects)["automountServiceAccountToken"] is False


@modes
def test_its_probes_ask_the_operations_port(objects: list[Object]) -> None:
    """Liveness does not depend on Slack or the database; the port is the bot's default."""
    only = container(objects)
    ports = {each["name"]: each["containerPort"] for each in only["ports"]}
    defaults = Settings.model_construct()
    assert ports["ops"] == defaults.ops_port
    assert ports.get("http", defaults.port) == defaults.port
    for probe in ("startupProbe", "livenessProbe"):
        assert only[probe]["httpGet"] == {"path": "/healthz", "port": "ops"}


def test_in_socket_mode_a_replica_is_ready_when_it_says_so() -> None:
    """A roll-out goes on to the next replica once this one says that it is ready."""
    assert container(MODES["socket-mode"])["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "ops"}
    (deployment,) = of_kind(MODES["socket-mode"], "Deployment")
    assert deployment["spec"]["replicas"] == 3
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 1


def test_in_http_mode_stops_come_in_without_the_database() -> None:
    """Where requests are balanced, a replica gets them while it listens: a stop needs no database."""
    probe = container(MODES["http-mode"])["readinessProbe"]
    assert probe["tcpSocket"] == {"port": "http"}
    assert "httpGet" not in probe
    (service,) = of_kind(MODES["http-mode"], "Service")
    assert [each["targetPort"] for each in service["spec"]["ports"]] == ["http"]
    assert not of_kind(MODES["socket-mode"], "Service")


@modes
def test_all_parts_mean_the_same_pods(objects: list[Object]) -> None:
    """Budget, network, service and spread choose the pods that the Deployment makes."""
    (deployment,) = of_kind(objects, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    chosen = [deployment["spec"]["selector"]["matchLabels"]]
    chosen += [each["labelSelector"]["matchLabels"] for each in pod(objects)["topologySpreadConstraints"]]
    chosen += [each["spec"]["selector"]["matchLabels"] for each in of_kind(objects, "PodDisruptionBudget")]
    chosen += [each["spec"]["podSelector"]["matchLabels"] for each in of_kind(objects, "NetworkPolicy")]
    chosen += [each["spec"]["selector"] for each in of_kind(objects, "Service")]
    assert all(each == labels for each in chosen)
    assert len(chosen) >= 5


@modes
def test_it_is_given_the_time_to_drain(objects: list[Object]) -> None:
    """The time to end is longer than the pause before it and the drain."""
    before = container(objects).get("lifecycle", {"preStop": {"exec": {"command": ["sleep", "0"]}}})
    pause_s = float(before["preStop"]["exec"]["command"][1])
    drains_s = max(ANSWERED_WITHIN_S + CLOSING_S, http._CLOSING_S) + DRAIN_S + FLUSH_S
    assert pod(objects)["terminationGracePeriodSeconds"] > pause_s + drains_s


@modes
def test_it_may_do_little(objects: list[Object]) -> None:
    """The process is the image's own user, writes nowhere but into memory, and gains no rights."""
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    context = pod(objects)["securityContext"]
    assert context["runAsNonRoot"] is True
    assert f"\nUSER {context['runAsUser']}:{context['runAsGroup']}\n" in image
    assert container(objects)["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {"cpu", "memory"} == container(objects)["resources"]["requests"].keys()


def test_no_secret_stands_in_a_file() -> None:
    """Secrets are named and not written out, and the database's address has no password."""
    for objects in MODES.values():
        assert not of_kind(objects, "Secret")
        assert {each["secretRef"]["name"] for each in container(objects)["envFrom"] if "secretRef" in each} == {
            "session-bot"
        }
    for path in KUBERNETES.rglob("*.yaml"):
        assert "password" not in path.read_text(encoding="utf-8").lower()
