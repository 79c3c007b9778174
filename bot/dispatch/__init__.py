"""Dispatch: a request is parsed, recorded, acked, authorised, run, and its outcome recorded."""

from bot.dispatch._dispatch import Admission, Dispatch
from bot.dispatch._drafts import Drafts, name_of
from bot.dispatch._parsing import usage_words

__all__ = ["Admission", "Dispatch", "Drafts", "name_of", "usage_words"]
