from datetime import UTC, datetime

from tests.sandbox.voximplant.conftest import Caller

_KEEP = """
    (async () => {
        const kept = await ApplicationStorage.put("lines:1", "busy", 60);
        Logger.write(`${kept.key} ${kept.value} ${kept.expireAt > Date.now() / 1000}`);
        await ApplicationStorage.put("other", "x", 60);
        Logger.write(JSON.stringify((await ApplicationStorage.keys("lines")).keys));
        Logger.write(String((await ApplicationStorage.keys()).keys.length));
        VoxEngine.terminate();
    })();
"""


async def test_a_scenario_keeps_pairs_that_another_session_finds(caller: Caller) -> None:
    """The storage belongs to the application: what one session has put, another one gets and removes."""
    assert await caller.log_of(_KEEP) == ["lines:1 busy true", '["lines:1"]', "2"]
    assert await caller.log_of("""
        (async () => {
            Logger.write((await ApplicationStorage.get("lines:1")).value);
            Logger.write((await ApplicationStorage.remove("lines:1")).value);
            Logger.write(String(await ApplicationStorage.get("lines:1")));
            VoxEngine.terminate();
        })();
    """) == ["busy", "busy", "null"]


async def test_the_storage_is_the_one_of_the_management_api(caller: Caller) -> None:
    """What a scenario has put is in the account's own store, and the other way round."""
    application = caller.platform.account.applications[0]
    store = caller.platform.account.key_values(application)
    store.put("greeting", "hello", 60, datetime.now(UTC))
    assert await caller.log_of("""
        ApplicationStorage.get("greeting").then(async (item) => {
            Logger.write(item.value);
            await ApplicationStorage.put("answer", "hi", 60);
            VoxEngine.terminate();
        });
    """) == ["hello"]
    kept = store.get("answer", datetime.now(UTC))
    assert kept is not None
    assert kept.value == "hi"


async def test_a_pair_without_a_time_to_live_lasts(caller: Caller) -> None:
    """It gets the Management API's default; keys are as many as were asked for."""
    assert await caller.log_of("""
        (async () => {
            const { expireAt } = await ApplicationStorage.put("a", "1");
            Logger.write(String(Math.round((expireAt - Date.now() / 1000) / 86400)));
            await ApplicationStorage.put("b", "2", 60);
            for (const count of [1, 0, -5]) {
                const { keys } = await ApplicationStorage.keys(undefined, count);
                Logger.write(String(keys.length));
            }
            VoxEngine.terminate();
        })();
    """) == ["30", "1", "0", "0"]


async def test_a_pair_outside_the_limits_is_refused(caller: Caller) -> None:
    """A promise is rejected with the reason; the session goes on."""
    assert await caller.log_of("""
        ApplicationStorage.put("a b", "x", 60).catch(async (error) => {
            Logger.write(String(error instanceof Error));
            const again = await ApplicationStorage.put("long", "x".repeat(2001), 60).catch((error) => error);
            Logger.write(again.message);
            VoxEngine.terminate();
        });
    """) == ["true", "a value has 2000 characters at most, not 2001"]
