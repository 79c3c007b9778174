"""The lines to paste, against the settings that read them."""

import tomllib

import pytest

from bot.cli.scenario.check._words import toml_lines
from bot.cli.scenario.sessions import Request
from bot.config._stop_setting import stop_problem, stop_request
from bot.voximplant import Method

USUAL = '{"command": "stop"}'
OWN = (
    Request(body=USUAL), Request(body="bye"), Request(body=USUAL, path="/stop"), Request(body="bye", path="?a=b"),
    Request(body="", method="GET"), Request(body="", method="GET", path="/stop"), Request(body=""),
)  # fmt: skip


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("works", [*OWN, Request(body="0"), Request(body="", method="GET", path="?action=stop")])
def test_what_is_pasted_makes_the_stop_that_was_tried(own: Request, works: Request) -> None:
    """In the place of the rule's own stop the lines lead to this one, whatever path or method that had."""
    given = {"stop": own.body, "stop_path": own.path, "stop_method": own.method}
    if own.method == "GET" or own.body == USUAL:
        del given["stop"]
    pasted = given | tomllib.loads("\n".join(toml_lines(works, own)))
    text, method = pasted.get("stop"), Method(pasted["stop_method"])
    assert stop_problem(text, None, method) is None
    stop = stop_request(text, None, pasted["stop_path"], method)
    assert (stop.body.decode(), stop.path, stop.method) == (works.body, works.path, works.method)
