"""Messages as a person reads them: mrkdwn and blocks become plain text. Pure."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

Names = Mapping[str, str]

_ANGLED = re.compile(r"<([^<>\n]*)>")


def readable(mrkdwn: str, names: Names) -> str:
    """Resolve mentions, links and escapes: `<@U1> &lt; <https://x|page>` reads `@alice < page`.

    `names` maps ids of people and channels to what is shown for them (`@alice`, `#ops`). Asterisks and
    backticks stay: they carry emphasis that plain text has no other sign for.
    """
    return html.unescape(_ANGLED.sub(lambda match: _angled(match[1], names), mrkdwn))


def _angled(inside: str, names: Names) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("@", "#")):
        return names.get(target[1:], label or target)
    if target.startswith("!"):
        return label or f"@{target[1:].split('^')[0]}"  # <!here>, <!date^…|fallback>
    return label or target


def plain(text: str, blocks: list[dict[str, Any]], names: Names) -> str:
    """Return the visible text: the blocks when there are any, else the text."""
    if not blocks:
        return readable(text, names)
    return "\n".join(line for block in blocks for line in _block(block, names))


def _block(block: dict[str, Any], names: Names) -> Iterator[str]:
    """Yield the lines of one block; buttons stand in brackets."""
    kind = block["type"]
    if kind == "divider":
        yield "───"
    elif kind == "image":
        yield f"[image: {block['alt_text']}]"
    elif kind == "rich_text":
        yield "".join(_rich(element, names) for element in block["elements"]).rstrip("\n")
    elif kind in ("context", "actions"):
        yield " ".join(_element(element, names) for element in block["elements"])
    elif kind == "input":
        yield f"{_text(block['label'], names)}: {_element(block['element'], names)}"
    else:
        if "text" in block:
            yield _text(block["text"], names)
        yield from (_text(field, names) for field in block.get("fields", ()))
        if "accessory" in block:
            yield _element(block["accessory"], names)


def _text(text: dict[str, Any], names: Names) -> str:
    return str(text["text"]) if text["type"] == "plain_text" else readable(text["text"], names)


def _element(element: dict[str, Any], names: Names) -> str:
    match element["type"]:
        case "plain_text" | "mrkdwn":
            return _text(element, names)
        case "image":
            return f"[image: {element['alt_text']}]"
        case "button":
            return f"[{element['text']['text']}]"
        case "plain_text_input":
            return f"[{element.get('initial_value', '')}]"
        case _:
            options = element.get("options", ())
            return f"[{' / '.join(option['text']['text'] for option in options)}]"


def _rich(element: dict[str, Any], names: Names) -> str:
    match element["type"]:
        case "text":
            return str(element["text"])
        case "link":
            return str(element.get("text") or element["url"])
        case "user":
            return names.get(element["user_id"], element["user_id"])
        case "rich_text_section" | "rich_text_preformatted":
            return "".join(_rich(part, names) for part in element["elements"]) + "\n"
        case _:
            return ""
