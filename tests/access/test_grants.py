"""Grants, pure: what a grant holds, who may have it, and what is said of one that is missing."""

from pathlib import Path

import pytest

from bot.access._grants import GrantQuery, RuleNames, covering, missing, perhaps, rule_names
from bot.config._config_file import RuleConfig, read
from bot.config._grants import VERBS, Grant, granted
from bot.ports._policy import Right
from bot.slack.render import render_mrkdwn

SUPPORT = RuleNames(id=7, names=frozenset({"support", "Support line"}))
OTHER = RuleNames(id=8, names=frozenset({"other"}))


def grant(**given: object) -> Grant:
    """Make a grant of stopping, unless `verbs` says something else."""
    return Grant.model_validate({"verbs": ["stop"], **given})


def mistakes(folder: Path, text: str) -> list[str]:
    """Read a config file and give what is wrong with it."""
    path = folder / "session-bot.toml"
    path.write_text(text)
    return list(read(path).problems)


def test_a_grant_can_name_every_right_but_help() -> None:
    """The verbs of a grant are the rights of the policy; asking for help needs no grant."""
    assert {Right(each) for each in VERBS} == set(Right) - {Right.help}


@pytest.mark.parametrize("rule", [7, "7", "support", "Support line"])
def test_a_rule_is_named_by_number_alias_or_name(rule: int | str) -> None:
    """A grant names its rules as people do; another rule is not meant."""
    given = [grant(rules=[rule])]
    assert covering(given, GrantQuery(right=Right.stop, rule=SUPPORT))
    assert not covering(given, GrantQuery(right=Right.stop, rule=OTHER))


def test_a_rules_names_are_the_platforms_and_the_configs() -> None:
    """Every alias of a rule is a name of it, and so is the name that the account gives it."""
    configured = [
        RuleConfig(alias="support", id=7),
        RuleConfig(alias="help", id=7),
        RuleConfig(alias="x", id=8),
    ]
    assert rule_names(7, "inbound", configured).names == {"support", "help", "inbound"}


def test_a_grant_holds_its_verbs_channels_and_rules_only() -> None:
    """Verb, channel and rule must all be granted by one entry: two halves make no grant."""
    given = [grant(channels=["C1"], rules=[8]), grant(channels=["C2"], rules=[7])]
    assert not covering(given, GrantQuery(right=Right.stop, channel="C1", rule=SUPPORT))
    assert covering(given, GrantQuery(right=Right.stop, channel="C2", rule=SUPPORT)) == given[1:]
    assert not covering(given, GrantQuery(right=Right.send, channel="C2", rule=SUPPORT))


def test_what_is_left_out_is_all_of_it() -> None:
    """A grant without channels and rules holds everywhere, for every rule."""
    assert covering([grant()], GrantQuery(right=Right.stop, channel="C9", rule=OTHER))


def test_channels_of_the_settings_are_those_of_every_start() -> None:
    """SESSION_BOT_CHANNELS makes the grants of `start` hold in its channels, and changes nothing else of a grant."""
    mixed = granted(
        [grant(verbs=["start", "stop"], who=["U1"]), grant(verbs=["start"], channels=["C2", "C3"])], {"C1", "C2"}
    )
    for channel, starts in {"C1": [["U1"]], "C2": [["U1"], []], "C3": []}.items():
        assert [
            list(each.who or ()) for each in covering(mixed, GrantQuery(right=Right.start, channel=channel))
        ] == starts
        assert len(covering(mixed, GrantQuery(right=Right.stop, channel=channel))) == 1
    assert not covering(granted([], {"C1"}), GrantQuery(right=Right.start, channel="C2"))
    assert covering(granted([], {"C1"}), GrantQuery(right=Right.send, channel="C2"))


def test_without_entries_the_everyday_things_are_granted() -> None:
    """Without an entry of the file those things are denied that the page on the policy names."""
    allowed = {right for right in Right if covering(granted([], ()), GrantQuery(right=right))}
    assert set(Right) - allowed == {Right.help, Right.log, Right.audit, Right.adopt, Right.everywhere}


def test_a_group_whose_members_are_not_known_may_be_anybodys() -> None:
    """What is shown without asking Slack leans to showing: only a known no is a no."""
    given = [grant(who=["U1", "S1"])]
    assert perhaps(given, "U1", {"S1": frozenset()})
    assert perhaps(given, "U2", {"S1": None})
    assert perhaps(given, "U2", {"S1": frozenset({"U2"})})
    assert not perhaps(given, "U2", {"S1": frozenset({"U3"})})
    assert perhaps([grant()], "U2", {})
    assert not perhaps([], "U2", {})


def test_a_denial_names_grant_place_rule_and_holders() -> None:
    """Who is denied learns what is missing, where, for what, and whom to ask."""
    query = GrantQuery(right=Right.stop, channel="C1", rule=SUPPORT)
    says = render_mrkdwn(missing(query, ["S1", "U1"]))
    for part in ("`stop`", "<#C1>", "Support line", "<!subteam^S1>, <@U1> have", "Nothing was done"):
        assert part in says
    assert "nobody has" in missing(query, [])
    assert "<@U9> and 2 more have" in render_mrkdwn(missing(query, [f"U{number}" for number in range(12)]))


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            'verbs = ["stopp"]',
            "verbs in grant 1 holds 'stopp', which is no verb; the nearest is stop.",
        ),
        ('verbs = ["list"]', "verbs in grant 1 holds list, which is part of look."),
        ('verbs = ["help"]', "verbs in grant 1 holds help, which needs no grant."),
        ("verbs = []", "verbs in grant 1 is an empty list"),
        ("verbs = [[1]]", "verbs in grant 1 holds '[1]', which is no verb"),
        ('who = ["U1"]', "grant 1 needs verbs."),
        ('verbs = ["stop"]\nwho = "U1"', "who in grant 1 must be a list of ids"),
        ('verbs = ["stop"]\nwho = ["U1", "@ann"]', "who in grant 1 must be a list of ids"),
        ('verbs = ["stop"]\nwho = []', "who in grant 1 is an empty list"),
        (
            'verbs = ["stop"]\nchannels = ["#ops"]',
            "channels in grant 1 must be a list of ids of channels",
        ),
        ('verbs = ["stop"]\nrules = [true]', "rules in grant 1 must be a list of rules"),
        (
            'verbs = ["stop"]\nchanels = ["C1"]',
            "there is no key chanels in grant 1, the nearest is channels.",
        ),
    ],
)
def test_a_mistake_in_a_grant_is_told_with_its_key(tmp_path: Path, entry: str, says: str) -> None:
    """Whatever is wrong in a grant is told with file, key, entry and the nearest right word."""
    (problem,) = mistakes(tmp_path, f"[[policy.grant]]\n{entry}\n")
    assert problem.startswith(f"session-bot.toml: {says}")


def test_mistakes_in_several_grants_are_told_at_once(tmp_path: Path) -> None:
    """Each entry is read, and each mistake has the key and the number of its own entry."""
    text = '[[policy.grant]]\nverbs = ["stop"]\nwho = ["x"]\n\n[[policy.grant]]\nverbs = ["sned"]\nwho = ["y"]\n'
    found = mistakes(tmp_path, text)
    assert [each.removeprefix("session-bot.toml: ").split()[:4] for each in found] == [
        ["who", "in", "grant", "1"],
        ["verbs", "in", "grant", "2"],
        ["who", "in", "grant", "2"],
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("policy = 1", "the policy is a list of entries"),
        ("[policy]\ngrant = 1", "each grant is an entry of its own"),
        ('[policy.grant]\nverbs = ["stop"]', "each grant is an entry of its own"),
        ('[[policy.grants]]\nverbs = ["stop"]', "there is no key grants in [policy], the nearest is grant"),
        ('[[polices.grant]]\nverbs = ["stop"]', "there is no key polices, the nearest is policy"),
        ("[policy]\ngrant = [1]", "grant 1 must be a table: [[policy.grant]]."),
    ],
)
def test_a_policy_of_another_shape_is_a_mistake(tmp_path: Path, text: str, says: str) -> None:
    """A policy that nobody could hold is told, never taken for none: that would open everything."""
    assert any(says in each for each in mistakes(tmp_path, text))


def test_a_session_of_no_channel_needs_a_grant_for_all_channels() -> None:
    """A grant that is limited to channels does not cover what belongs to none, and the denial says what it is about."""
    query = GrantQuery(right=Right.stop, channel="", rule=SUPPORT)
    assert not covering([grant(channels=["C1"])], query)
    assert covering([grant()], query)
    says = "You may not stop sessions that belong to no channel for the rule"
    assert missing(query, []).startswith(says)
