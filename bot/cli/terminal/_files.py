"""Files at a terminal: without a thread for them, they are written to standard output."""

from bot.ports import FileReply


class ShownFiles:
    """Files for a person at a terminal: kept until the command is over, then shown."""

    def __init__(self) -> None:
        self.kept: list[FileReply] = []

    async def share(self, file: FileReply) -> str:
        """Keep the file, which is written to standard output in the end."""
        self.kept.append(file)
        return "was written to standard output"
