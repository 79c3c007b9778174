"""The embedded world as a web page: a workspace that feels like Slack, and a drawer with the platform behind it.

A tab hears of the world as frames, `GET /live?as=<user id>`, and does something to it by acts, `POST /acts/<name>` and
`POST /world/<name>`. All of both is told here; what the page has beside Slack, an `Extension` adds.

Frames, one JSON object each; at first all of them, then each again when it has changed. Times are in milliseconds since
1970 by the world's clock.

    hello      me, people, workspace, names, commands, notes, steps, can, version: the first one, and only once
    people     people: all of them, when somebody is new
    names      names, by id: those that are new
    channels   channels: all that this person sees
    messages   channel, messages, removed, whole: `removed` are keys, and a `whole` frame replaces all that was sent
    views      modals, home: the topmost modal is the last
    bot        connected, running, says: `running` is null without a process to control
    scenarios  rules: {id, name, application, scenarios, typed, line, verdict, checking, yours}
    platform   rules: {id, name}, ahead_s: seconds of the world's clock before the machine's
    session    id, rule, application, state: "running" | "ended", hangs, started_at, ended_at, reason, data, by,
               calls: {number, direction: "in" | "out", state: "rings" | "connected" | "ended", connected_at},
               calls_in_all, requests, lines: one frame for each session
    stored     revisions: the number of writes, by application
    trouble    api, sessions, slack: {kind, seconds} or null, archived: channel ids, clock: whether it can be put on
    drill      possible, phase: "none" | "starting" | "alarm" | "over" | "stopped" | "failed", number, alarm, hint,
               words, alarm_at, seconds: it took or null, lines: {id, name, verdict, elsewhere, asked}

Acts of a person, all with `as`, who it is; they return when the app has acked, or when Slack gave up on it.

    say, slash    channel, text, thread_ts?
    edit          channel, ts, text
    delete        channel, ts
    dismiss       channel, ts
    join          channel
    press         an element, value?, values?
    search        an element, query, values? → options, groups
    submit        view, values
    close         view
    home          nothing more

An element is named by `block_id` and `action_id`, and by `view` or by `channel` and `ts`. `value` is a text, the value
of an option, an id, or a list of values; `values` are those of all fields, `{block_id: {action_id: value or null}}`.

Acts on the world.

    scenarios     files: {name, source}, rule? → rule, line, check: "pending" | "none"
    check         rule → check
    session       id → log, requests, stored, reason, cause, and what was left out of them
    ring          rule, number? → id
    start         rule, data? → id: custom data, as a back-end passes it
    end           id
    hang          id
    crash         id
    trouble       what: "api" | "sessions", kind: "slow" | "hang" | "429" | "502" | "off", seconds?
                  what: "slack", kind: "down" | "limited" | "off", seconds?: its Retry-After
    archive       channel, archived
    cut           nothing more: Slack's connections break
    calm          nothing more: every trouble is over at once
    bot           kind: "kill" | "start"
    clock         seconds: the world's clock and the bot's are put on
    drill         act: "start" | "stop"
"""

from bot.sandbox.page._options import BotControl, CommandHelp, FirstStep, PageOptions, ScenarioCheck, ScenarioFile
from bot.sandbox.page._page import Page

__all__ = ["BotControl", "CommandHelp", "FirstStep", "Page", "PageOptions", "ScenarioCheck", "ScenarioFile"]
