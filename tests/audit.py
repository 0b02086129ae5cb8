"""Are weaknesses of our dependencies known? ``python -m tests.audit [FILE]``, as ``make audit`` runs it.

It ends with 0 where none is known, with 1 where some are, and with 2 where the question could not be asked.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCKED = Path(__file__).parents[1] / "constraints.txt"


def audit(command: Sequence[str]) -> int:
    """Run pip-audit, which writes JSON to its standard output, and tell what came of it."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        print("The audit was NOT run: pip-audit could not ask its service.")
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"It ended with {done.returncode}.")
        return 2
    skipped = [each["name"] for each in found if "skip_reason" in each]
    weak = [each for each in found if each.get("vulns")]
    for each in weak:
        for known in each["vulns"]:
            mended = ", ".join(known["fix_versions"]) or "no version yet"
            print(f"{each['name']} {each['version']}: {known['id']}, mended in {mended}")
    print(f"Asked about {len(found) - len(skipped)} packages; {len(weak)} have known weaknesses.")
    if skipped:
        print(f"NOT asked about: {', '.join(skipped)}.")
    return 1 if weak else 2 if skipped else 0


if __name__ == "__main__":
    locked = sys.argv[1] if len(sys.argv) > 1 else str(LOCKED)
    options = ["--requirement", locked, "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    sys.exit(audit([sys.executable, "-m", "pip_audit", *options]))
