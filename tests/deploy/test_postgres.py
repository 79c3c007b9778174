"""The statements that make the bot's role and database are ones that a server takes, and that the bot can live with."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from storage.address import ServerAddress
from storage.store import Store
from tests.deploy.files import DEPLOY
from tests.postgres.programs import programs
from tests.postgres.server import ADMIN, Server, private_server

pytestmark = pytest.mark.postgres

PASSWORD = "with a space, and a ' quote"


def make(server: Server, password: Path) -> None:
    """Run the statements as a superuser does who follows the page."""
    found = programs()
    assert found is not None
    environ = {
        "PATH": os.defpath, "PASSWORD_FILE": str(password), "PGPASSWORD": server.password,
        "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": ADMIN, "PGDATABASE": "postgres",
    }  # fmt: skip
    command = [found / "psql", "--no-psqlrc", "--file", DEPLOY / "postgres.sql"]
    made = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - the server's own program
    assert (made.returncode, made.stderr) == (0, "")


async def test_the_role_owns_its_database_and_no_more(tmp_path: Path) -> None:
    """The bot makes its tables there; others may not enter, and the role may make nothing on the server."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    with private_server({"log_statement": "all"}) as server:
        make(server, tmp_path / "password")
        assert PASSWORD.replace("'", "''") not in server.log
        address = server.address("session_bot", user="session_bot", password="with%20a%20space,%20and%20a%20'%20quote")
        store = Store(ServerAddress(address))
        await store.open()
        assert await store.examine() is None
        await store.close()
        with psycopg.connect(address, autocommit=True) as own:
            for refused in ("create database another", "create role another"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    own.execute(refused)
        with psycopg.connect(server.address("postgres"), autocommit=True) as admin:
            admin.execute("create role another login password 'x'")
        with pytest.raises(psycopg.OperationalError, match="CONNECT"):
            psycopg.connect(server.address("session_bot", user="another", password="x"))
