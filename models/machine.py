"""The machine that we run on."""

import os
import platform
import re
from pathlib import Path


def usable_cores() -> int:
    """Number of cores that this process may run on."""
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """The processor of this machine and how many of its cores we may use; never the machine's name."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file() and (found := re.search(r"^model name\s*: (.+)$", info.read_text("utf-8"), re.MULTILINE)):
        model = found[1].strip()
    return f"{model}, {usable_cores()} cores"
