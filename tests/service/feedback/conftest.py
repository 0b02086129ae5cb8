"""Databases for the tests of labels: every test runs on an SQLite file and on PostgreSQL."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from service.feedback.database import Database
from service.feedback.store import LabelStore
from tests.service.feedback.postgres import server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with server() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'labels.sqlite3'}"
    # A schema of its own costs nothing, where a database takes 7 MB.
    folder, name = request.getfixturevalue("postgres"), f"labels_{uuid.uuid4().hex}"
    engine = create_engine(f"postgresql+psycopg://tests@/postgres?host={folder}")
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"postgresql://tests@/postgres?host={folder}&options=-csearch_path%3D{name}"


@pytest.fixture
def store(address: str) -> Iterator[LabelStore]:
    database = Database(address)
    yield LabelStore(database)
    database.close()
