"""What goes wrong because of what the user gave, as one sentence a person can act on."""


class InputError(ValueError):
    """Bad input: the message is one sentence saying what, where, what was expected and what to do.

    The command lines print it without a traceback and exit with code 2.
    """
