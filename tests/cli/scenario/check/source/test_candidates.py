"""The stops that a source suggests: what its code compares a request with."""

import pytest

from bot.cli.scenario.check.source._candidates import MOST, candidates
from bot.cli.scenario.sessions import Request


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ('if (data.command === "call_end") end()', '{"command": "call_end"}'),
        ('if ("call_end" == data.command) end()', '{"command": "call_end"}'),
        ('if (data["command"] === "call_end") end()', '{"command": "call_end"}'),
        ('if (data?.action === "hangup") end()', '{"action": "hangup"}'),
        ('switch (m.verb) { case "a": x(); break; case "bye": end() }', '{"verb": "bye"}'),
        ('if (m.meta.verb === "bye") end()', '{"meta": {"verb": "bye"}}'),
        ('if (command !== "bye") return', '{"command": "bye"}'),
        ('if (e.content === "0") end()', "0"),
        ('if (e.content.includes("please hang up")) end()', "please hang up"),
        ('if (content.indexOf("command=disconnect") >= 0) end()', "command=disconnect"),
        ("if (m.code === 17) end()", '{"code": 17}'),
        ("if (m.stop === true) end()", '{"stop": true}'),
        ("if (m.terminate) end()", '{"terminate": true}'),
        ("for (const each of body.split('&')) set(each); if (form.cmd == 'end it') end()", "cmd=end%20it"),
        ('const form = new URLSearchParams(e.content); if (form.verb === "bye") end()', "verb=bye"),
    ],
)
def test_what_a_request_is_compared_with_is_suggested(source: str, body: str) -> None:
    """Each way to look at a request suggests the body that it looks for."""
    assert Request(body=body) in candidates(source)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('if (e.path.endsWith("/stop")) end()', "/stop"),
        ('if (e.path.includes("stop")) end()', "/stop"),
        ('if (e.path.includes("action=stop")) end()', "?action=stop"),
        ('const q = pairs(e.path.split("?")[1].split("&")); if (q.verb === "bye") end()', "?verb=bye"),
    ],
)
def test_a_path_is_suggested_with_both_methods(source: str, path: str) -> None:
    """A scenario that looks at the path is tried with it, by POST and by GET."""
    found = candidates(source)
    assert Request(body='{"command": "stop"}', method="POST", path=path) in found
    assert Request(body="", method="GET", path=path) in found


@pytest.mark.parametrize(
    "source",
    [
        'if (typeof data.command === "undefined") return',
        "call.addEventListener(CallEvents.Disconnected, f)",
        "// data.command === 'call_end'",
        "`data.command === 'call_end'`",
    ],
)
def test_what_no_request_is_compared_with_is_not(source: str) -> None:
    """Types, the platform's own events, comments and texts suggest nothing."""
    assert candidates(source) == []


def test_there_are_not_too_many_and_the_likely_ones_come_first() -> None:
    """Of very many comparisons those that sound like a stop are tried, each once."""
    source = "".join(f'if (m.command === "step{number}") f();' for number in range(200))
    found = candidates(source * 2 + 'if (m.command === "call_end") end()')
    assert len(found) == MOST
    assert found[0] == Request(body='{"command": "call_end"}')
