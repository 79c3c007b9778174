import base64
import hashlib
import hmac
import json

import pytest

from bot.sandbox.voximplant import PlatformOptions
from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

_TEXTS = ["", "abc", "Grüße 😀", "x" * 55, "x" * 56, "x" * 64, "x" * 200]


async def test_digests_are_right(caller: Caller) -> None:
    """Crypto's digests are those of the standards, at every length around a block, for texts that are no ASCII too."""
    key = "k" * 70
    log = await caller.log_of(
        f"for (const text of {json.dumps(_TEXTS)}) Logger.write([Crypto.md5(text), Crypto.sha1(text), "
        f'Crypto.sha256(text), Crypto.hmac_sha256("{key}", text), Crypto.hmac_sha256("short", text)].join());'
        "VoxEngine.terminate();"
    )
    for text, line in zip(_TEXTS, log, strict=True):
        data = text.encode()
        assert line.split(",") == [
            hashlib.md5(data, usedforsecurity=False).hexdigest(),
            hashlib.sha1(data, usedforsecurity=False).hexdigest(),
            hashlib.sha256(data).hexdigest(),
            hmac.new(key.encode(), data, "sha256").hexdigest(),
            hmac.new(b"short", data, "sha256").hexdigest(),
        ]


@pytest.mark.parametrize("text", _TEXTS)
async def test_bytes_and_texts_change_into_one_another(caller: Caller, text: str) -> None:
    """Base64, hexadecimal and plain bytes are as elsewhere, and come back as they were."""
    data = text.encode()
    log = await caller.log_of(f"""
        const text = {json.dumps(text)};
        Logger.write(base64_encode(text));
        Logger.write(JSON.stringify(base64_decode(base64_encode(text))));
        Logger.write(bytes2hex(str2bytes(text, "utf-8"), true));
        Logger.write(String(bytes2str(hex2bytes(bytes2hex(str2bytes(text)))) === text));
        VoxEngine.terminate();
    """)
    assert log == [base64.b64encode(data).decode(), json.dumps([*data]).replace(" ", ""), data.hex().upper(), "true"]


async def test_bytes_that_are_no_text_are_read_all_the_same(caller: Caller) -> None:
    """Broken UTF-8 becomes the sign for it; Latin-1 is read byte by byte."""
    assert await caller.log_of("""
        Logger.write(bytes2str([97, 255, 195, 98, 240, 159], "utf-8"));
        Logger.write(bytes2str([228, 98], "latin1") + JSON.stringify(str2bytes("äb", "iso-8859-1")));
        VoxEngine.terminate();
    """) == ["a\ufffd\ufffdb\ufffd\ufffd", "äb[228,98]"]


async def test_small_functions_do_what_they_are_for(caller: Caller) -> None:
    """Distance, random id and trace."""
    log = await caller.log_of("""
        Logger.write(String([levenshtein_distance("kitten", "sitting"), levenshtein_distance("", "ab")]));
        Logger.write(String(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuidgen())));
        Logger.write(String(uuidgen() !== uuidgen()));
        trace("traced");
        VoxEngine.terminate();
    """)
    assert log == ["3,2", "true", "true", "traced"]


async def test_local_time_is_shifted_by_its_zone(caller: Caller) -> None:
    """The UTC fields of the result are the local ones; a zone that is not known here is told."""
    assert await caller.log_of("""
        const date = new Date(0);
        Logger.write(getLocalTime("Asia/Tokyo", date).toISOString());
        Logger.write(getLocalTime("Nowhere/Land", date).toISOString());
        VoxEngine.terminate();
    """) == [
        "1970-01-01T09:00:00.000Z",
        "not simulated: time zone Nowhere/Land, line 4",
        "1970-01-01T00:00:00.000Z",
    ]


async def test_the_local_hour_is_found_by_intl_too(caller: Caller) -> None:
    """A scenario that asks Intl for the hour and the day of a time zone gets them."""
    log = await caller.log_of("""
        const options = { timeZone: "Asia/Tokyo", weekday: "short", hour: "numeric", hour12: false };
        const parts = new Intl.DateTimeFormat("en-GB", options).formatToParts(new Date(0));
        Logger.write(parts.map(({ type, value }) => `${type}=${value}`).join());
        Logger.write(Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo" }).format(new Date(54000000)));
        Logger.write(new Intl.NumberFormat("en-US").format(12.5) + Intl.DateTimeFormat().resolvedOptions().timeZone);
        VoxEngine.terminate();
    """)
    assert [line for line in log if not line.startswith("not simulated")] == [
        "weekday=Thu,literal= ,hour=09",
        "1970 01 02",
        "12.5UTC",
    ]


async def test_secrets_have_the_values_of_the_options(open_platform: OpenPlatform) -> None:
    """A secret is read by its name; one that was not given is made up, and told."""
    caller = await open_platform(PlatformOptions(secrets={"TOKEN": "t0p", "NONE": None}))
    assert await caller.log_of("""
        Logger.write(`${VoxEngine.getSecretValue("TOKEN")} ${VoxEngine.getSecretValue("NONE")}`);
        Logger.write(VoxEngine.getSecretValue("OTHER"));
        VoxEngine.terminate();
    """) == ["t0p undefined", "not simulated: secret OTHER, line 3", "made up: OTHER"]


async def test_a_number_is_looked_at(caller: Caller) -> None:
    """Whether it could be a number is told by its digits."""
    assert await caller.log_of("""
        for (const number of ["+1 555-0100", "anna", "", "123"]) {
            const info = PhoneNumber.getInfo(number);
            Logger.write(`${info.isValidNumber} ${info.error}`);
        }
        VoxEngine.terminate();
    """) == ["true ", "false INVALID_NUMBER", "false INVALID_NUMBER", "false INVALID_NUMBER"]
