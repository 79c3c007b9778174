"""Options written `name=value`."""

import pytest

from bot.ports import _options as options
from bot.ports._errors import UsageProblem
from bot.ports._options import Options
from bot.slack.render import render_mrkdwn

OPTIONS = Options(
    (
        options.choice_option("state", "open", "any"),
        options.text_option("rule", "…"),
        options.person_option("by"),
        options.page_option("page"),
    )
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("  ", {}),
        ("state=ANY", {"state": "any"}),
        ("by=me rule=“my rule” STATE=open", {"by": "me", "rule": "my rule", "state": "open"}),
        ("by=U0123ABCD", {"by": "U0123ABCD"}),
        ("by=<@U0123ABCD>", {"by": "U0123ABCD"}),
        ("by=<@W0123ABCD|ann>", {"by": "W0123ABCD"}),
        ("rule=a=b page=12", {"rule": "a=b", "page": 12}),
        ("--state any --page=2", {"state": "any", "page": 2}),
        ("—state any –PAGE=2", {"state": "any", "page": 2}),
        ('--rule="my --by me" --by me', {"rule": "my --by me", "by": "me"}),
        ("--rule “my rule” by=me", {"rule": "my rule", "by": "me"}),
        ("rule='--by me'", {"rule": "--by me"}),
    ],
)
def test_options_come_in_any_order(text: str, values: dict[str, object]) -> None:
    """What is given is read by its name; what is left out is not there."""
    found, rest = OPTIONS.read(text)
    assert (dict(found), rest) == (values, "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("everything", "`everything` is more than this command takes."),
        ("state=closed", "`state=open` or `state=any`"),
        ("state=any state=any", "`state=` stands there twice"),
        ("by=ann", "a member's id such as `by=U0123ABCD`"),
        ("older=30m", "There is no option `older=`; there are `state=`, `rule=`, `by=`."),
        ("page=0", "a number from 1 on"),
        ("rule=", "must be `rule=…`, with a text in place of …."),
        ("rule=“x", "has no end"),
        ("--state any state=open", "`state=` stands there twice"),
        ("--rule --by me", "`--rule` is more than this command takes."),
        ("--rule", "must be `rule=…`"),
        ("--older 30m", "`--older` is more than this command takes."),
        ("--older=30m", "There is no option `--older=`"),
    ],
)
def test_what_is_no_option_is_told(text: str, says: str) -> None:
    """A word that is no option, or no value of one, is one sentence; nothing is guessed."""
    with pytest.raises(UsageProblem) as told:
        OPTIONS.read(text)
    assert says in render_mrkdwn(told.value.sentence)


def test_the_usage_shows_what_people_type() -> None:
    """Each option stands in the usage line, but for the one that only buttons use."""
    assert OPTIONS.usage == "[state=open|any] [rule=…] [by=me|U…]"
