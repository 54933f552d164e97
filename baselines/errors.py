"""The one error that the command line shows as a single line."""


class InputError(ValueError):
    """Input that cannot be used; the message says what is wrong and what would be right."""
