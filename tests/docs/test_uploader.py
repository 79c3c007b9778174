"""The page on the sandbox: the lines for the platform's uploader lead it there, whatever stands behind npx."""

import sys
from pathlib import Path

from tests.docs.shell import finished, read_until, running
from tests.docs.test_install import SANDBOX

UPLOADER = ". ./sandbox.env"

STAND_IN = f"""\
#!{sys.executable}
# Asks for the account's name as the uploader does: at its one host, through the proxy, trusting nobody else.
import http.client, json, os, socket, ssl, sys, time, urllib.parse
import jwt
proxy = urllib.parse.urlsplit(os.environ["https_proxy"])
assert proxy.scheme == "https"
with open(os.environ["VOX_CI_CREDENTIALS"]) as file:
    credentials = json.load(file)
claims = {{"iss": str(credentials["account_id"]), "iat": int(time.time()) - 5, "exp": int(time.time()) + 64}}
token = jwt.encode(claims, credentials["private_key"], "RS256", headers={{"kid": credentials["key_id"]}})
tls = ssl.create_default_context(cafile=os.environ["NODE_EXTRA_CA_CERTS"])
connection = http.client.HTTPConnection("api.voximplant.com")
connection.sock = tls.wrap_socket(
    socket.create_connection((proxy.hostname, proxy.port)), server_hostname="api.voximplant.com"
)
headers = {{"Authorization": f"Bearer {{token}}", "Content-Type": "application/x-www-form-urlencoded"}}
connection.request("POST", "https://api.voximplant.com/platform_api", "cmd=GetAccountInfo", headers)
account = json.load(connection.getresponse())["result"]["account_name"]
print(*sys.argv[1:], "in the account", account)
"""


def test_the_lines_for_the_uploader_lead_it_to_the_sandbox(tmp_path: Path) -> None:
    """Beside a running sandbox, each call of the uploader gets the host, the trust and the credentials it needs."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "npx").write_text(STAND_IN)
    (tools / "npx").chmod(0o700)
    with running(SANDBOX, tmp_path) as sandbox:
        read_until(sandbox, "end it all")
        printed = finished(UPLOADER, tmp_path, tools)
    assert printed.splitlines() == [
        "voxengine-ci init in the account sandbox",
        "voxengine-ci upload --application-name demo in the account sandbox",
    ]
