"""Sections of a Markdown file that a command writes, between two comments that name it."""

import re
from pathlib import Path

from models.errors import FormatError, OutputError


def write_section(path: Path, name: str, content: str) -> bool:
    """Write the section between ``<!-- begin NAME ... -->`` and ``<!-- end NAME -->``.

    Args:
        path: a Markdown file that has the two comments, each on a line of its own.
        name: the section's name.
        content: Markdown, without the comments.

    Returns:
        Whether the file had to be changed.

    Raises:
        FormatError: the file has no such section, or more than one.
        OutputError: the file cannot be written.
    """
    text = path.read_text("utf-8")
    section = re.compile(rf"(<!-- begin {re.escape(name)}\b[^\n]*-->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
    changed, found = section.subn(lambda match: f"{match[1]}\n{content.strip()}\n\n{match[2]}", text)
    if found != 1:
        raise FormatError(f"{path} has {found} sections {name!r}: put one pair of begin and end comments into it")
    if changed == text:
        return False
    try:
        path.write_text(changed, "utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path} ({error.strerror})") from error
    return True
