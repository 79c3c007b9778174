"""Contender (b): sync Bolt, as in Slack's samples, that acks and then asks the platform."""

import os

import httpx
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

app = App(client=WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]))


@app.command("/session")
def session(ack: Ack) -> None:
    """Ack, and start a session."""
    ack()
    httpx.post(f"{os.environ['VOXIMPLANT_API_URL']}/StartScenarios/", data={"rule_id": "1"}, timeout=30)


if __name__ == "__main__":
    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start()
