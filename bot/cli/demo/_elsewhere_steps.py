"""The tour's part on sessions that nobody started in Slack: found by what they announce, listed, and stopped.

They begin before the drill's stop is pressed, so that they are found, and one of them is silent, while that goes on.
"""

from typing import Final

from bot.cli.demo._steps import NORMAL, STOP, Outside, Presses, Step, Types, alarm, card, ephemeral, posted, reply

_COMPLAINT: Final = "+15550142 order 7714"
_SILENT: Final = "h4202753949"

BEGIN_ELSEWHERE: Final = Step(
    title="Meanwhile a back-end starts two sessions, two calls come in, and one of those hangs",
    act=Outside(
        (
            f"backend hotline {_COMPLAINT}",
            "backend hotline +15550143 order 7715",
            "ring hotline +15550161",
            "ring hotline +15550162",
            f"hang {_SILENT}",
        )
    ),
    sees=(),
    started=(_COMPLAINT, "+15550143 order 7715", "", ""),
)

FIND_AND_STOP: Final = (
    Step(
        title="Nobody started these here: the bot has found them by what they announce",
        act=Types("bob", "list origin=elsewhere"),
        sees=(ephemeral("4 sessions are open", "not started in Slack", "#11 hotline", "heard of", "#14 hotline"),),
    ),
    Step(
        title='"A customer\'s line is stuck, order 7714", and no more is known',
        act=Types("bob", "find 7714"),
        sees=(ephemeral("#11", "hotline", "[Stop]"),),
    ),
    Step(
        title="Its stop is taken up by the scenario, which says so, and confirmed by the history",
        act=Types("bob", "stop 11 the customer's line is stuck"),
        sees=(
            ephemeral("Confirmed: #11 hotline ended"),
            reply(11, "Stop by bob", "Its scenario took it up", "Confirmed"),
        ),
        reached=(STOP,),
        ended=(NORMAL,),
    ),
    Step(
        title="One that came in has fallen silent, while the history says that it runs: the channel is told",
        act=Outside(()),
        sees=(alarm(14, "Silent: #14 hotline", "not been heard of"), card(14, "running, silent", "[Stop]")),
    ),
    Step(
        title="A stop of all the others says that nobody started them in Slack",
        act=Types("bob", "stop all origin=elsewhere"),
        sees=(ephemeral("Stop 3 sessions, none of them started in Slack?", "[Stop 3 sessions]"),),
    ),
    Step(
        title="Two end; the one that hangs got its stop, and has not taken it up",
        act=Presses("bob", "Stop 3 sessions"),
        sees=(posted("Stop of 3 sessions by bob", "2 confirmed ended · 1 not confirmed.", "#14 hotline"),),
        reached=3 * (STOP,),
        ended=2 * (NORMAL,),
    ),
)
