"""What an API key may do."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key may do; none includes another."""

    READ = "read"
    LABEL = "label"
    ADMIN = "admin"
