"""The platform as the bot sees it, and the only importer of httpx.

Start at `management` (the account: rules, starts, history) and `session_url` (one running session);
both post through `lanes`, and whatever goes wrong is a `PlatformError` of `errors`.
"""
