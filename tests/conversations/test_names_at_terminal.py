"""At a terminal people and channels are told by their names, and by the ids that can be typed."""

import csv
import io
import json

from bot.cli.database._audit import export
from bot.cli.terminal._plain import words
from bot.cli.terminal._result import as_json
from bot.text import channel, person
from storage import names

from .conftest import World
from .test_terminal import runs, types

CALLED = {"U1": "ann\x1b[31m\n*x*", "C1": "ops"}


async def test_names_stand_beside_ids(world: World) -> None:
    """A list, what is said, JSON and the audit name who and where, also on a day without Slack."""
    await world.started()
    ann, ops = f"ann ({world.ann.id})", f"#ops ({world.ops.id})"

    def both() -> bool:
        with world.database() as db:
            return {world.ann.id, world.ops.id} <= names.of_all(db).keys()

    await world.until(both, "both names to be kept")
    code, out, _ = await runs(world, "list")
    assert code == 0
    table = " ".join(out.split())
    assert ann in table
    assert ops in table
    _, out, _ = await runs(world, "status", "1")
    assert f"@{ann}" in out
    (shown,) = as_json(await types(world, "list channel=all"), "/session", CALLED)["sessions"]
    assert (shown["channel_name"], shown["starter_name"]) == (None, None)
    _, out, _ = await runs(world, "list", "--json")
    (shown,) = json.loads(out)["sessions"]
    assert (shown["channel_name"], shown["starter_name"]) == ("ops", "ann")
    written = io.StringIO()
    assert export(world.environ, world.folder, "csv", written) == 0
    rows = list(csv.DictReader(io.StringIO(written.getvalue())))
    assert {(row["channel_name"], row["actor_name"]) for row in rows if row["verb"] == "start"} == {("ops", "ann")}


def test_a_name_is_no_more_than_a_name() -> None:
    """What Slack lets people call themselves steers nothing and begins no line; who has no known name has an id."""
    assert (
        words(f"by {person('U1')} and {person('U2')} in {channel('C1')}", names=CALLED)
        == "by @ann\\x1b[31m *x* (U1) and @U2 in #ops (C1)"
    )
