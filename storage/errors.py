"""The errors of the database, with sentences for people."""


class StorageError(Exception):
    """The database cannot be used; the text is a sentence for the person at the terminal."""


class StorageUnavailable(StorageError):  # noqa: N818 - the word for the state, as its reader will say it
    """Nothing was recorded: the database is locked, read-only, full, damaged or gone. For the person who typed.

    `lasts` is true when somebody must repair it first; `what_to_do` is a sentence for that person.
    """

    def __init__(self, words: str, *, lasts: bool = False) -> None:
        super().__init__(words)
        self.lasts = lasts
        self.what_to_do = "Tell whoever runs this bot." if lasts else "Try again soon."
