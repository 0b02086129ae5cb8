"""What a figure was measured on."""

import platform
import re
from pathlib import Path

from models.classifier import usable_cores


def machine() -> str:
    """The processor of this machine and how many of its cores we may use; never the machine's name."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file() and (found := re.search(r"^model name\s*: (.+)$", info.read_text("utf-8"), re.MULTILINE)):
        model = found[1].strip()
    return f"{model}, {usable_cores()} cores"
