import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory import Claim, ClaimChecks, Refusal
from bot.text import person
from bot.voximplant import HostRules

from .announced import CHECKS, NOW, PATH, SECONDS, SIGNED_CHECKS, URL, announcement, signed


def _read(text: str, key: str = "session-bot:7", checks: ClaimChecks = CHECKS) -> Claim | Refusal:
    return checks.of_row(key, text, application_id=3, application_name="calls", now=NOW)


def _claim(text: str, **values: Any) -> Claim:
    read = _read(text, **values)
    assert isinstance(read, Claim), read
    return read


def test_a_row_of_the_kit_is_a_claim() -> None:
    """What the kit writes is read member by member, and its URL is hidden in every repr."""
    claim = _claim(announcement(taken="1b9e0c1e-0000-4000-8000-000000000001", ending=True))
    assert (claim.session, claim.application_id, claim.application_name) == (7, 3, "calls")
    assert (claim.url.reveal(), claim.data, claim.calls) == (URL, "call +49 30 901820", 1)
    assert (claim.beat, claim.started) == (NOW, NOW - timedelta(minutes=1))
    assert (claim.taken, claim.ending, claim.signed) == ("1b9e0c1e-0000-4000-8000-000000000001", True, False)
    assert "request" not in repr(claim)


def test_a_text_from_the_inbox_has_no_application() -> None:
    """An announcement that came without a row is read by the same checks, and names no application."""
    claim = SIGNED_CHECKS.of_text(signed(announcement()), now=NOW)
    assert isinstance(claim, Claim)
    assert (claim.session, claim.application_id, claim.signed) == (7, 0, True)


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"v": 2}, Refusal.newer),
        ({"v": 0}, Refusal.unreadable),
        ({"v": True}, Refusal.unreadable),
        ({"v": 1.0}, Refusal.unreadable),
        ({"v": 10**40}, Refusal.unreadable),
        ({"v": ...}, Refusal.unreadable),
        ({"session": "8"}, Refusal.other_key),
        ({"session": "07"}, Refusal.unreadable),
        ({"session": "seven"}, Refusal.unreadable),
        ({"session": "\u0667"}, Refusal.unreadable),
        ({"session": True}, Refusal.unreadable),
        ({"session": "9223372036854775808"}, Refusal.unreadable),
        ({"session": -7}, Refusal.unreadable),
        ({"session": "9" * 4_000}, Refusal.unreadable),
        ({"url": ...}, Refusal.unreadable),
        ({"url": "https://" + "a" * 3_000}, Refusal.no_url),
        ({"url": "javascript:alert(1)"}, Refusal.no_url),
        ({"url": f"https://ann@www.voximplant.com/{PATH}"}, Refusal.no_url),
        ({"url": f"http://169.254.169.254/{PATH}"}, Refusal.host),
        ({"url": f"http://10.0.0.7:8080/{PATH}"}, Refusal.host),
        ({"url": f"http://[::ffff:127.0.0.1]/{PATH}"}, Refusal.host),
        ({"url": f"https://voximplant.com.example.org/{PATH}"}, Refusal.host),
        ({"started": float("nan")}, Refusal.unreadable),
        ({"started": float("inf")}, Refusal.unreadable),
        ({"beat": 10**18}, Refusal.unreadable),
        ({"beat": str(SECONDS)}, Refusal.unreadable),
        ({"beat": -1}, Refusal.unreadable),
        ({"beat": SECONDS + 121}, Refusal.future),
        ({"started": SECONDS + 121}, Refusal.future),
        ({"calls": -1}, Refusal.unreadable),
        ({"calls": False}, Refusal.unreadable),
        ({"calls": 2**63}, Refusal.unreadable),
        ({"data": ["a"]}, Refusal.unreadable),
        ({"taken": 7}, Refusal.unreadable),
        ({"ending": "yes"}, Refusal.unreadable),
        ({"data": "a" * 9_000}, Refusal.unreadable),
    ],
)
def test_a_hostile_row_is_no_claim(members: dict[str, Any], refusal: Refusal) -> None:
    """A row with a member of the wrong kind, another host or a time in the future is refused for that reason."""
    assert _read(announcement(**members)) is refusal


@pytest.mark.parametrize(
    "text",
    ["", "null", "7", '"a"', "[]", "{}", "<!channel> " * 180, "[" * 8_000, '{"v":' * 1_500, "9" * 8_000, "{", "\ud800"],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    """Markup, deep nesting, long digits and half a character are refused, and raise nothing."""
    assert _read(text) is Refusal.unreadable


@pytest.mark.parametrize("key", ["", "session-bot:", "session-bot:07", "session-bot:8", "other:7", "session-bot:7 "])
def test_a_claim_stands_under_its_own_key(key: str) -> None:
    """Two rows cannot speak for one session: only the one under its own key is believed."""
    assert _read(announcement(), key=key) is Refusal.other_key


def test_a_beat_may_be_a_little_ahead() -> None:
    """A scenario's machine that is two minutes ahead of the platform's clock is believed."""
    assert _claim(announcement(beat=SECONDS + 120)).beat == NOW + timedelta(minutes=2)


def test_data_is_cut_and_made_harmless() -> None:
    """200 bytes of the data are kept, in whole characters, without those that delimit tokens of ours."""
    data = _claim(announcement(data="é" * 150)).data
    assert data == "é" * 100
    assert _claim(announcement(data="")).data is None
    assert _claim(announcement(data=None)).data is None
    assert _claim(announcement(data=...)).data is None
    assert _claim(announcement(data="\ud800")).data == "?"
    token = person("U0123ABCD")
    assert token not in str(_claim(announcement(data=token)).data)


def test_a_foreign_request_id_is_none_of_ours() -> None:
    """A stop without an id, or with one of another form, spoils no row: it is nobody's stop here."""
    assert _claim(announcement(taken="")).taken is None
    assert _claim(announcement(taken="<!here>")).taken is None
    assert _claim(announcement(taken="a" * 101)).taken is None


def test_a_signature_is_asked_for_where_a_secret_is_agreed() -> None:
    """One of the agreed secrets must have signed the whole text; a changed, moved or missing signature is none."""
    good = signed(announcement())
    assert _claim(good, checks=SIGNED_CHECKS).signed
    assert _claim(signed(announcement(), b"the one before"), checks=SIGNED_CHECKS).signed
    assert not _claim(good).signed
    members = json.loads(good)
    moved = json.dumps({"hmac": members.pop("hmac"), **members}, separators=(",", ":"))
    wrong = [
        announcement(),
        moved,
        good.replace('"calls":1', '"calls":2'),
        good + " ",
        signed(announcement(), b"other"),
    ]
    assert {_read(each, checks=SIGNED_CHECKS) for each in wrong} == {Refusal.signature}
    assert "agreed" not in repr(SIGNED_CHECKS)


def test_a_newer_version_is_told_from_a_wrong_one() -> None:
    """A kit of a later version may sign in another way, so that its version is looked at first."""
    assert _read(announcement(v=2), checks=SIGNED_CHECKS) is Refusal.newer


def test_local_hosts_are_allowed_by_the_same_setting() -> None:
    """The hosts of announcements are those of VOXIMPLANT_SESSION_HOSTS, and no others."""
    checks = ClaimChecks(hosts=HostRules("127.0.0.1"))
    local = announcement(url=f"http://127.0.0.1:8080/{PATH}")
    assert _claim(local, checks=checks).url.host == "127.0.0.1"
    assert _read(announcement(), checks=checks) is Refusal.host


_JSON = st.sampled_from([None, True, 0, -1, 2**70, 1e400, "", "7", [], {}, [[]], "\x00", "\ud800"])


@given(st.dictionaries(st.sampled_from(["v", "url", "session", "data", "started", "beat", "calls", "taken"]), _JSON))
def test_no_member_raises(members: dict[str, Any]) -> None:
    """Any value of any member gives a claim or a refusal."""
    assert isinstance(_read(announcement(**members)), Claim | Refusal)


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Any text gives a refusal, as key and as value."""
    assert isinstance(_read(text, key=text, checks=SIGNED_CHECKS), Refusal)
