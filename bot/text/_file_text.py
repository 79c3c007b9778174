"""The text of a file from any editor: UTF-8, or an encoding of Windows."""

import codecs
from typing import Final

_MARKED: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_file(raw: bytes) -> str:
    """Return the text with newlines as line ends. Raises UnicodeDecodeError for bytes that are none.

    UTF-16 without a mark is known by the zeros beside its first letter, which is of ASCII in every file of ours.
    """
    encoding = next((name for mark, name in _MARKED if raw.startswith(mark)), None)
    if encoding is None:
        encoding = {0: "utf-16-be", 1: "utf-16-le"}.get(raw[:2].find(b"\0"), "utf-8")
    return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
