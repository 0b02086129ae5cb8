"""What a scoring has finished, kept beside its output until that is whole, so that a killed run goes on.

::

    .scored.csv.ru-stance/
        journal.sqlite3        what the run was asked to do, its finished parts, and the prediction of every text
        000000.rows            the output, part by part; written under a temporary name, synced and renamed
        000000.rejects         rows that could not be used
        000000.documents       the documents of texts that were split

A part is finished when the journal holds it, and its files were on the disk before. The rest of the output is made
from the parts alone, so that it is the same whether the run was killed or not.
"""

import json
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from models.atomic import sync
from models.errors import OutputError
from service.corpus.memory import Memory

_NAME: Final = "journal.sqlite3"
_CACHE_KIB: Final = 32_768
_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS asked (name TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE IF NOT EXISTS parts (number INTEGER PRIMARY KEY, part TEXT);
    CREATE TABLE IF NOT EXISTS published (target INTEGER PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part of the output.

    Attributes:
        number: counted from 0.
        source: number of the source that its rows are from.
        target: number of the output file that its rows go to.
        ended: whether it is the last part of its source.
        items: how many rows were read for it, the bad ones included.
        digest: of their content.
        columns: of the rows.
        document_columns: of the table of documents.
        rows: how many were written.
        rejected: how many rows could not be used.
        counts: how many rows of each label were written.
    """

    number: int
    source: int
    target: int
    ended: bool
    items: int
    digest: str
    columns: tuple[str, ...]
    document_columns: tuple[str, ...]
    rows: int
    rejected: int
    counts: dict[str, int] = field(default_factory=dict)


class Journal:
    """The folder of a scoring that is under way. One run at a time has it open.

    Args:
        output: the file or folder that is being made.
        asked: all that the output depends on, beside what the inputs hold; names and values.
        restart: throw away what there is, and begin anew.

    Raises:
        OutputError: the folder cannot be written, another run is at it, or it was begun with other settings.
    """

    def __init__(self, output: Path, asked: Mapping[str, str], *, restart: bool = False) -> None:
        self._output, target = output, output.resolve()
        self.folder = target.with_name(f".{target.name}.ru-stance")
        self._gone = self.folder.with_name(self.folder.name + ".gone")
        try:
            if restart:
                self._require_idle()
                self._remove()
            if self._gone.exists():
                shutil.rmtree(self._gone)
            # Its texts are for nobody else, whoever may read the output.
            self.folder.mkdir(0o700, exist_ok=True)
            sync(self.folder.parent)
        except OSError as error:
            raise OutputError(f"{output} cannot be written: {error.strerror or error}.") from error
        self._database = self._opened()
        try:
            self._agree(asked)
            self.memory = Memory(self._database)
            self.parts: list[Part] = []
            self._parts_of: defaultdict[int, list[Part]] = defaultdict(list)
            for (text,) in self._database.execute("SELECT part FROM parts ORDER BY number"):
                self._keep(_part(text))
            self.published = {target for (target,) in self._database.execute("SELECT target FROM published")}
        except BaseException:
            self._database.close()
            raise

    def add(self, part: Part) -> None:
        """Take a part as finished; its files have to be on the disk."""
        with self._database:
            self._database.execute("INSERT INTO parts VALUES (?, ?)", (part.number, json.dumps(asdict(part))))
        self._keep(part)

    def parts_of(self, target: int) -> Sequence[Part]:
        """The finished parts of an output file."""
        return self._parts_of[target]

    def publish(self, target: int) -> None:
        """Take an output file as being in its place, whole."""
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO published VALUES (?)", (target,))
        self.published.add(target)

    def path(self, number: int, kind: str) -> Path:
        """Where a part's file of a kind is: rows, rejects or documents."""
        return self.folder / f"{number:06}.{kind}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was scored yet."""
        return not self.parts and not self._database.execute("SELECT 1 FROM scores LIMIT 1").fetchone()

    def close(self, *, keep: bool) -> None:
        """Give the folder back; without ``keep`` it is removed."""
        self._database.close()
        if not keep:
            self._remove()

    def _keep(self, part: Part) -> None:
        self.parts.append(part)
        self._parts_of[part.target].append(part)

    def _require_idle(self) -> None:
        """Check that no other run would have its folder taken away."""
        if not (self.folder / _NAME).exists():
            return
        try:
            with closing(sqlite3.connect(self.folder / _NAME, timeout=0)) as database:
                database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise self._unwritable(error) from error
        except sqlite3.DatabaseError:
            pass  # it is damaged, and to be removed

    def _remove(self) -> None:
        if self.folder.exists():
            # At one go: a folder that is half removed would be taken for one that can be gone on with.
            self.folder.replace(self._gone)
            shutil.rmtree(self._gone)

    def _opened(self) -> sqlite3.Connection:
        try:
            return _prepared(sqlite3.connect(self.folder / _NAME, timeout=0, check_same_thread=False))
        except sqlite3.OperationalError as error:
            raise self._unwritable(error) from error
        except sqlite3.DatabaseError as error:
            raise OutputError(f"What was kept for {self._output} is damaged; begin anew with --restart.") from error

    def _unwritable(self, error: sqlite3.OperationalError) -> OutputError:
        if "locked" in str(error):
            return OutputError(f"{self._output} is being written by another run; wait for it, or stop it.")
        return OutputError(f"{self._output} cannot be written: {error}.")

    def _agree(self, asked: Mapping[str, str]) -> None:
        before = dict(self._database.execute("SELECT name, value FROM asked").fetchall())
        with self._database:
            if not before:
                self._database.executemany("INSERT INTO asked VALUES (?, ?)", asked.items())
                return
        other = [name for name in {**before, **asked} if before.get(name) != asked.get(name)]
        if other:
            raise OutputError(
                f"{self._output} was begun with another {', '.join(other)}, and is not finished. Give the same to go "
                "on, or begin anew with --restart."
            )


def _prepared(database: sqlite3.Connection) -> sqlite3.Connection:
    try:
        # Held from the first statement on, and given back by the system if this process is killed.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        # What is committed survives a kill of the process, and what is there is whole after a power cut, too.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        database.executescript(_TABLES)
    except BaseException:
        database.close()
        raise
    return database


def _part(text: str) -> Part:
    values = json.loads(text)
    columns = {name: tuple(values[name]) for name in ("columns", "document_columns")}
    return Part(**{**values, **columns})
