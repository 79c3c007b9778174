"""The session bot. A wing imports only wings below it; `cli` and `life` stand on top, `process` at the bottom.

    cli             the commands · terminal/ the verbs without Slack · doctor/ · demo/
    life            a process: build, start, recover, drain
    slack   watch   what comes in and goes out · what the history says of sessions
    dispatch        the one way of a command
    verbs           one module per verb, and their table
    stops           a stop: asked, delivered, told
    access account  who may do what · rules and costs
    ports           what the wings say to each other in
    config          the settings
    voximplant      the platform
    text            what people type and read
    process         clocks, tasks, redaction · network/ ports and proxies · ops/ health and metrics

`sandbox` is the world outside, embedded: it imports nothing of the bot.
"""
