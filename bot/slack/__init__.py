"""Slack: the only wing that knows its libraries and writes its markup.

`inbound` reads payloads, `responses` answers one person, `render` makes Block Kit, `outbox` posts to channels,
and all of them call Slack through `api`.
"""
