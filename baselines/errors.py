"""The one error that the command line shows as a single line."""


class InputError(ValueError):
    """Input that cannot be used; the message says what is wrong and what would be right."""


def one_line(error: Exception) -> str:
    """An exception's message on one line; its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__
