"""The session bot. A wing imports only wings below it; `cli` and `life` stand on top, `process` at the bottom.

    cli             the commands · terminal/ the verbs without Slack · doctor/ · demo/ · scenario/
    life            a process: build, start, recover, drain
    slack   watch   payloads in, messages out · readings of the history
    directory       beside both: what sessions announce becomes claims, and claims become sessions
    dispatch        admission of a command: parse, record, authorise, run
    verbs           one module per verb, and their table
    stops           stops: request, delivery, outcome
    access account  permissions · rules and costs
    scenario        the kit that makes scenarios stoppable: its source, and where it is bound
    ports           the types and protocols between the wings
    config          the settings
    voximplant      the client of the platform
    text            text from people and keyboards, text for people
    process         clocks, tasks, redaction · network/ ports and proxies · ops/ health and metrics

`sandbox` is the embedded world outside: it imports nothing of the bot.
"""
