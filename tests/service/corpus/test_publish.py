"""What is put into its place, and who may read it."""

from pathlib import Path

from service.corpus.journal import Journal
from tests.service.corpus.test_run import Scored


def test_who_may_read_a_file_stays_when_it_is_scored_anew(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "one"}\n{"text": 2}\n', "utf-8")
    rejects = Scored([source], output).outcome.rejects
    assert rejects is not None
    written = (output, rejects)
    for path in written:
        path.chmod(0o600)
    Scored([source], output)
    assert [path.stat().st_mode & 0o777 for path in written] == [0o600, 0o600]
    journal = Journal(output, {})
    assert journal.folder.stat().st_mode & 0o777 == 0o700
    journal.close(keep=False)
