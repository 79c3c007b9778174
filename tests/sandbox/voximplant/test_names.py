import asyncio
import json

import pytest

from bot.sandbox.voximplant.engine._typings import global_names, typings
from tests.sandbox.voximplant.conftest import Caller

_ENUMS = sorted(typings()["enums"])


async def test_every_name_of_the_typings_exists(caller: Caller) -> None:
    """No global name of the platform's typings is a ReferenceError."""
    names = global_names()
    tried = "\n".join(f'try {{ {name}; }} catch (error) {{ Logger.write("{name}: " + error); }}' for name in names)
    assert {"DialogflowLanguage", "WebSocketAudioEncoding", "getLocalTime", "levenshtein_distance"} <= {*names}
    assert await caller.log_of(f"{tried}\nVoxEngine.terminate();") == []


async def test_enums_have_the_values_of_the_typings(caller: Caller) -> None:
    """Every member of every enum is there with its value, those of nested namespaces too."""
    expected = [(path, name, value) for path in _ENUMS for name, value in typings()["enums"][path].items()]
    compared = "\n".join(
        f"if ({path}[{json.dumps(name)}] !== {json.dumps(value)}) Logger.write({json.dumps(f'{path}.{name}')});"
        for path, name, value in expected
    )
    assert len(expected) > 1000
    assert await caller.log_of(f"{compared}\nVoxEngine.terminate();") == []


async def test_a_voice_is_one_of_the_lists(caller: Caller) -> None:
    """Voices and profiles exist by their names, and are handed on as a text."""
    assert await caller.log_of("""
        Logger.write(VoiceList.Amazon.en_US_Joanna);
        Logger.write(typeof VoiceList.Google.en_US_Neural2_C + typeof ASRProfileList.Google.ru_RU);
        VoxEngine.terminate();
    """) == ["VoiceList.Amazon.en_US_Joanna", "stringstring"]


@pytest.mark.parametrize(
    "way",
    [
        "call.sayHello();",
        "setTimeout(() => call.sayHello(), 0);",
        "(async () => { await null; call.sayHello(); })();",
    ],
)
async def test_a_method_that_does_not_exist_is_named(caller: Caller, way: str) -> None:
    """Calling what is undefined throws as it does on the platform, and the log names it and its line."""
    started = await caller.run(f'const call = VoxEngine.callPSTN("+15550100");\n{way}\n')
    async with asyncio.timeout(10):
        while len(started.session.log) < 2:  # noqa: ASYNC110 - a session sets no event for a line
            await asyncio.sleep(0.005)
    told, thrown = started.session.log
    assert told == "no such name in the typings: Call.sayHello, line 2"
    assert "TypeError: not a function (no such name in the typings: Call.sayHello)\n" in thrown


async def test_what_does_not_exist_may_be_asked_for(caller: Caller) -> None:
    """A scenario that looks before it calls goes on: the name is undefined, and told."""
    assert await caller.log_of("""
        if (typeof VoxEngine.teleport === "function") VoxEngine.teleport();
        if ("teleport" in VoxEngine) VoxEngine.teleport();
        Logger.write(String("createASR" in VoxEngine) + WebSocketEvents.Message);
        VoxEngine.terminate();
    """) == [
        "no such name in the typings: VoxEngine.teleport, line 2",
        "no such name in the typings: WebSocketEvents.Message, line 4",
        "trueundefined",
    ]


async def test_what_a_scenario_adds_to_an_object_is_its_own(caller: Caller) -> None:
    """A value that a scenario keeps on a call is there when it looks again."""
    assert await caller.log_of("""
        const call = VoxEngine.callPSTN("+15550100");
        call.attempt = 2;
        Logger.write(String(call.attempt));
        VoxEngine.terminate();
    """) == ["2"]


@pytest.mark.parametrize("form", ["let {} = 1;", "const {} = 1;", "class {} {{}}", "function {}() {{}}", "var {} = 1;"])
async def test_a_scenario_may_use_a_name_for_its_own(caller: Caller, form: str) -> None:
    """A scenario that declares a name of the typings gets its own thing by it."""
    names = [name for name in global_names() if name not in {"Logger", "VoxEngine"}]
    declared = "\n".join(form.format(name) for name in names)
    own = f"[{', '.join(names)}].every((each) => each === 1 || String(each).length < 60)"
    assert await caller.log_of(f"{declared}\nLogger.write(String({own}));\nVoxEngine.terminate();") == ["true"]


async def test_names_are_there_before_they_are_used(caller: Caller) -> None:
    """A scenario may ask whether the platform has a name, in each way that JavaScript has."""
    log = await caller.log_of("""
        const asked = (of, name) => [name in of, of.hasOwnProperty(name), Object.hasOwn(of, name)].join();
        Logger.write([asked(VoiceList, "Google"), asked(VoiceList, "Nobody")].join(" "));
        Logger.write(["callPSTN", "createASR", "callMoon"].map((name) => asked(VoxEngine, name)).join(" "));
        VoxEngine.callPSTN = function () { return "mine"; };
        Logger.write(VoxEngine.callPSTN());
        VoxEngine.terminate();
    """)
    yes, no = "true,true,true", "false,false,false"
    assert log == [f"{yes} {no}", f"{yes} {yes} {no}", "mine"]


async def test_a_former_list_is_asked_like_any_object(caller: Caller) -> None:
    """A scenario may ask whether there is a voice, and for what every object has."""
    log = await caller.log_of("""
        const own = (name) => Object.prototype.hasOwnProperty.call(Language, name);
        Logger.write([Language.hasOwnProperty("US_ENGLISH_FEMALE"), "X" in Language, own("X"), own("toString")].join());
        Logger.write([String(Language), JSON.stringify(Language), Object.keys(Language).length].join());
        VoxEngine.terminate();
    """)
    assert log == ["true,true,true,false", "[object Object],{},0"]


@pytest.mark.parametrize("name", ["Language.US_ENGLISH_FEMALE", "Language.Premium.RU_RUSSIAN_YA", "Modules.Player"])
async def test_names_of_older_scenarios_exist(caller: Caller, name: str) -> None:
    """What the documentation of earlier years had is there without a word."""
    assert await caller.log_of(f"Logger.write(typeof {name}); VoxEngine.terminate();") == ["string"]


async def test_former_names_of_the_typings_exist(caller: Caller) -> None:
    """A name that newer typings have lost is played or stood in for as before."""
    assert await caller.log_of("""
        Logger.write(String(DialogflowLanguage.ENGLISH_US));
        ElevenLabs.createConversationalAIClient({}).then((client) => {
            client.addEventListener(ElevenLabs.ConversationalAIEvents.UserTranscript, () => {});
            Logger.write("client");
            VoxEngine.terminate();
        });
    """) == ["en-US", "not simulated: ElevenLabs.createConversationalAIClient, line 3", "client"]


async def test_a_stand_in_returns_what_its_type_promises(caller: Caller) -> None:
    """A promise where the typings have one, an object of its class otherwise; nothing but a promise has `then`."""
    log = await caller.log_of("""
        const agent = VoxEngine.createStreamingAgent({});
        Logger.write(`${agent.then} ${agent.audioTracks().length} ${typeof agent.id()}`);
        OpenAI.createRealtimeAPIClient({}).then(async (client) => {
            Logger.write(`${client.then} ${client.sessionUpdate({})} ${(await client) === client}`);
            const api = new VoximplantAPI.Client();
            const { result } = await api.History.getCallHistory({});
            Logger.write(`${result.length}`);
            VoxEngine.terminate();
        });
    """)
    assert [line for line in log if not line.startswith("not simulated")] == [
        "undefined 0 string",
        "undefined undefined true",
        "0",
    ]


async def test_a_stand_in_is_told_once_for_each_place(caller: Caller) -> None:
    """What is not simulated is logged with its line, and not again for each time round a loop."""
    assert await caller.log_of("""
        const agent = VoxEngine.createStreamingAgent({});
        for (let i = 0; i < 3; i += 1) agent.setActiveTrack({});
        agent.setActiveTrack({});
        VoxEngine.terminate();
    """) == [
        "not simulated: VoxEngine.createStreamingAgent, line 2",
        "not simulated: StreamingAgent.setActiveTrack, line 3",
        "not simulated: StreamingAgent.setActiveTrack, line 4",
    ]


def test_every_type_of_the_table_is_one_that_the_sandbox_knows() -> None:
    """A type is a plain one, a promise of one, or the path of a class or a shape (CONTRIBUTING.md)."""
    table = typings()
    plain = {"void", "string", "number", "boolean", "array", "object", "date", "null", "self"}
    known = plain | table["classes"].keys() | table["shapes"].keys()
    types = [*table["functions"].values()]
    for each in table["classes"].values():
        types += [*each["methods"].values(), *each.get("properties", {}).values()]
        assert each.get("extends", "Call") in table["classes"]
    types += [kind for shape in table["shapes"].values() for kind in shape.values()]
    assert len(types) > 500
    constants = {f"{path}.{name}" for path, names in table["lists"].items() for name in names}
    assert not constants & table["functions"].keys()
    assert not {kind.removeprefix("promise ") for kind in types} - known


def test_former_names_are_in_the_table() -> None:
    """A name that only older typings had stands in a section of the table too."""
    table = typings()
    paths = {*table["functions"], *table["classes"], *table["enums"]}
    paths |= {f"{path}.{name}" for path, values in table["enums"].items() for name in values}
    for path, each in table["classes"].items():
        paths |= {f"{path}.{name}" for name in (*each["methods"], *each.get("properties", {}))}
    namespaces = {path.rpartition(".")[0] for path in paths}
    assert not {*table["former"]} - paths - namespaces
