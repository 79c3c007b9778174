"""Contender (c): AsyncApp that acks and then asks the platform with one shared httpx client."""

import asyncio
import os

import httpx
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient


async def main() -> None:
    """Serve until the process is ended."""
    app = AsyncApp(client=AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]))
    platform = httpx.AsyncClient(timeout=30)

    @app.command("/session")
    async def session(ack: AsyncAck) -> None:
        await ack()
        await platform.post(f"{os.environ['VOXIMPLANT_API_URL']}/StartScenarios/", data={"rule_id": "1"})

    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()


if __name__ == "__main__":
    asyncio.run(main())
