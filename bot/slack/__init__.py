"""Slack: the only wing that knows its libraries and its markup.

`inbound` reads what comes in, `responses` answers one person, `render` makes Block Kit, `outbox` writes to channels,
and all of them ask Slack through `api`.
"""
