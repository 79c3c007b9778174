"""Rejections, where JavaScript's engine does not tell of them."""

import json

import pytest
import quickjs

from bot.sandbox.voximplant.engine._shim import shim


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        ("async () => { await null; throw new Error('late') }", ["Error: late"]),
        ("() => { (async () => { throw 1 })() }", []),
    ],
)
def test_those_of_handlers_are_seen_at_least(handler: str, told: list[str]) -> None:
    """Without the engine's word a handler's own promise is watched; one that nobody keeps cannot be seen."""
    context = quickjs.Context()
    door = context.eval(shim())
    door("untracked", "")
    context.eval(f"VoxEngine.addEventListener(AppEvents.Started, {handler})")
    door("turn", json.dumps({"kind": "app", "name": "Application.Started", "fields": {}}))
    while context.execute_pending_job():
        pass
    effects = json.loads(door("effects", ""))
    assert [effect["text"] for effect in effects if effect.get("rejection")] == told
