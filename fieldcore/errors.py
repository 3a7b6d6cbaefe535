"""What goes wrong because of what the user gave, as one sentence a person can act on."""


class InputError(ValueError):
    """Bad input: the message is one sentence saying what, where, what was expected and what to do.

    The command lines print it without a traceback and exit with code 2.
    """


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: a processor's, for which torch has no class of its own, or a GPU's.

    Example:
        >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to ..."))
        True
    """
    if isinstance(error, RuntimeError):
        return type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(error)
    return isinstance(error, MemoryError)
