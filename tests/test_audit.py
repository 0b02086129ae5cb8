"""The audit tells weaknesses, and never passes where it could not ask."""

import json
import sys

import pytest

from tests.audit import audit

KNOWN = {"id": "PYSEC-1", "fix_versions": ["2.0"]}


@pytest.mark.parametrize(
    ("dependencies", "status", "told"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "Asked about 1 packages; 0 have known weaknesses."),
        ([{"name": "a", "version": "1", "vulns": [KNOWN]}], 1, "a 1: PYSEC-1, mended in 2.0"),
        ([{"name": "a", "skip_reason": "not found"}], 2, "NOT asked about: a."),
        (None, 2, "The audit was NOT run"),
    ],
)
def test_what_the_audit_found_is_told(
    capsys: pytest.CaptureFixture[str], dependencies: object, status: int, told: str
) -> None:
    written = "" if dependencies is None else json.dumps({"dependencies": dependencies})
    assert audit([sys.executable, "-c", f"print({written!r})"]) == status
    assert told in capsys.readouterr().out
