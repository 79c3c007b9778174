"""Slack: the only wing that knows its libraries and its markup.

`inbound` reads what comes in, `telling` answers one person, `render` makes Block Kit, `outbox` writes to channels,
and all of them ask Slack through `api`.
"""
