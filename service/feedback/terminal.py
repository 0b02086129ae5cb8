"""What people wrote, on its way to a terminal, which takes some characters for commands."""


def shown(value: str) -> str:
    """The value on one line, with each character that cannot be printed spelt as Python spells it."""
    line = " ".join(value.split())
    return line if line.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)
