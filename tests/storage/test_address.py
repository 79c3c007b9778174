"""The address of a database on a server: what is shown of it, and what is not."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.address import ServerAddress


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://bot:geheim@db.example:5433/sessions?sslmode=verify-full", "postgresql://bot@db.example:5433/sessions"),
        ("postgres://db.example", "postgresql://db.example"),
        ("postgresql:///sessions?host=/run/postgresql&password=geheim", "postgresql:///sessions"),
        ("postgresql://bot:geheim@[::1]:5433,other/sessions", "postgresql://bot@[::1]:5433,other/sessions"),
        ("postgresql://bot:ge/heim@db.example/sessions", "postgresql://…"),
        ("postgresql://bot:ge?heim@db.example/sessions", "postgresql://…"),
        ("postgresql://bot:ge#heim@db.example/sessions", "postgresql://…"),
        ("postgresql://bot:ge@heim@db.example/sessions", "postgresql://…"),
        ("postgresql:/bot:geheim@db.example/sessions", "postgresql://…"),
        ("postgres:bot:geheim@db.example/sessions", "postgresql://…"),
        ("POSTGRESQL://bot:geheim@db.example/sessions", "postgresql://…"),
        ('"postgresql://bot:geheim@db.example/sessions"', "postgresql://…"),
    ],
)  # fmt: skip
def test_an_address_is_shown_without_its_password(text: str, shown: str) -> None:
    """Whatever it is like: where the parts cannot be told apart nothing of it is shown."""
    address = ServerAddress.of(text)
    assert address is not None
    assert str(address) == shown
    assert repr(address) == f"ServerAddress({shown!r})"
    assert address.is_clear == (shown != "postgresql://…")


def test_a_path_is_no_address() -> None:
    """A file's name stays one, also where it looks like another address."""
    for text in ("session-bot.db", "/var/lib/postgresql://x", "sqlite:///x.db", ""):
        assert ServerAddress.of(text) is None


@given(st.text(min_size=1, max_size=20), st.sampled_from(["", "?sslmode=require", "?password=hush&x=y"]))
def test_no_password_is_ever_shown(password: str, options: str) -> None:
    """Written as it must be, or as people write it, it stands in neither text."""
    for written in (quote(password, safe=""), password):
        address = ServerAddress(f"postgresql://u:{written}@h:1/d{options}")
        for text in (str(address), repr(address)):
            assert text in {"postgresql://u@h:1/d", "ServerAddress('postgresql://u@h:1/d')"} or "…" in text
        if address.is_clear:
            assert address.password == written
