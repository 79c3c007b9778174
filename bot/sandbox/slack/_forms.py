"""The checks of Slack's own form, before anything is sent. Pure; the sentences are ours."""

from collections.abc import Iterator, Mapping

from bot.sandbox.slack._elements import Given, Place, field_of
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._views import View


class Incomplete(ValueError):  # noqa: N818 - it says of a form what it is
    """A form cannot be submitted as it is filled in; `errors` has a sentence for each field at fault, by block id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{block_id}: {error}" for block_id, error in errors.items()))
        self.errors = errors


def by_place(view: View, values: Mapping[str, Given]) -> dict[Place, Given]:
    """Return values that are named by label, block id or action id, by place. Raises LookupError for no such field."""
    return {field_of(view.blocks, name): given for name, given in values.items()}


def faults(view: View) -> dict[str, str]:
    """Return a sentence for each field that keeps the form from being submitted, by block id."""
    values = view.state()
    found = {}
    for block in view.blocks:
        if block["type"] == "input":
            (entry,) = values[block["block_id"]].values()
            for fault in _faults(block, entry):
                found[block["block_id"]] = fault
    return found


def _faults(block: Json, entry: Json) -> Iterator[str]:
    (value,) = [value for key, value in entry.items() if key != "type"]
    if not value:
        if not block.get("optional"):
            yield "This field is required."
        return
    if isinstance(value, str) and block["element"]["type"] == "plain_text_input":
        least, most = block["element"].get("min_length", 0), block["element"].get("max_length", 3000)
        if len(value) < least:
            yield f"At least {least} characters are needed; there are {len(value)}."
        if len(value) > most:
            yield f"At most {most} characters are possible; there are {len(value)}."
