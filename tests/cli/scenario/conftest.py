from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox._certificates import Certificates
from bot.sandbox.voximplant import Platform


@pytest.fixture
async def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    """Run a platform of the sandbox, with the rules that ship, whose certificate this process believes."""
    certificates = Certificates()
    certificates.write_ca(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with Platform(certificates) as platform:
        yield platform


@pytest.fixture
def environ(platform: Platform, tmp_path: Path) -> dict[str, str]:
    """Make the settings that lead to the platform; there is no database yet."""
    return {
        "VOXIMPLANT_API_URL": platform.api_url,
        "VOXIMPLANT_ACCOUNT_ID": str(platform.account.account_id),
        "VOXIMPLANT_API_KEY": platform.account.api_key,
        "SESSION_BOT_DATABASE": str(tmp_path / "session-bot.db"),
    }
