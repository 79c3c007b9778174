"""The supply chain of the bot: its pins, their bill of materials, and the wheel."""
