"""What callers, scenarios and people in Slack write steers no terminal, whichever verb shows it."""

import json
import os
import sys
from asyncio import create_subprocess_exec, subprocess

from bot.sandbox.voximplant import default_account
from tests.text.test_control_characters import NASTY, is_bad

from .conftest import MakeWorld
from .test_terminal import WITHOUT_SLACK

SCENARIO = f"""
VoxEngine.addEventListener(AppEvents.Started, () => Logger.write({json.dumps("caller: " + NASTY)}));
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {{
  if (e.content.includes("stop")) throw new Error({json.dumps(NASTY)});
  return {json.dumps(NASTY)};
}});
"""
VERBS = [
    ["list", "state=any"],
    ["status", "1"],
    ["rules"],
    ["log", "1"],
    ["stop", "1", NASTY.replace("\0", "").replace("\ud800", "")],
    ["send", "1", '{"a": "\x9b31m"'],
    ["list", "--json", "state=any"],
    ["audit"],
    ["audit", "--format", "json"],
    ["doctor"],
    ["nope\x1b[31m"],
]
EACH = """
import json, sys
from bot.cli import app
from bot.cli._streams import install
install()
for arguments in json.loads(sys.argv[1]):
    sys.stdout.write(f"== {arguments[0]} ==\\n")
    try:
        app(arguments, prog_name="session-bot")
    except SystemExit:
        pass
"""


async def test_no_verb_lets_a_sign_through_that_steers(make_world: MakeWorld) -> None:
    """Rule names, data, reasons, errors and logs full of such signs leave none of them in any verb's output."""
    account = default_account()
    application = account.add_application(f"demo {NASTY}".replace("\ud800", ""))
    account.add_rule(application, f"nasty {NASTY}".replace("\ud800", ""), SCENARIO, rule_id=2001)
    async with make_world(account=account) as world:
        await world.says(world.ann, f"start 2001 {NASTY}".replace("\ud800", ""), expect="Started")
        await world.shows("running")
        await world.says(world.ann, 'send 1 {"a": "\x1b[31m"}'.replace("\x1b", "\\u001b"), expect="Delivered")
        await world.says(world.bob, f"stop 1 {NASTY}".replace("\ud800", ""), expect="onfirmed")
        environ = {name: value for name, value in world.environ.items() if name not in WITHOUT_SLACK}
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SSL_CERT_FILE") if name in os.environ}
        process = await create_subprocess_exec(
            sys.executable, "-c", EACH, json.dumps(VERBS),
            cwd=world.folder, env={**inherited, **environ},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = (each.decode() for each in await process.communicate())
    assert "Traceback" not in err
    shown = {part.partition(" ==\n")[0]: part.partition(" ==\n")[2] for part in out.split("== ")[1:]}
    assert {verb for verb, text in shown.items() if "nasty" in text} >= {"list", "status", "rules"}, out
    assert "caller: \\x1b]52" in shown["log"]
    assert [each for each in out + err if is_bad(each)] == []
