"""The one error that the command line shows as a single line."""


class InputError(ValueError):
    """What the user gave cannot be used; the message says what was wrong and what would be right."""
