"""Queue and history in one SQLite file in WAL mode: what was asked for, how far it is, and how it ended.

Every call opens its own connection, so that any thread may call, and whatever was answered is on disk already.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STOPPED, PAUSED = "stopped", "paused"  # both saved; one that is paused comes before all that wait when it goes on
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    command TEXT NOT NULL,
    settings TEXT NOT NULL,
    folder TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    exit_code INTEGER,
    message TEXT NOT NULL DEFAULT '',
    starred INTEGER NOT NULL DEFAULT 0,
    binned INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created);
CREATE TABLE IF NOT EXISTS values_kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
CHANGEABLE = frozenset(
    {"title", "state", "started", "ended", "exit_code", "message", "starred", "binned", "command", "created"}
)


@dataclass(frozen=True)
class Job:
    """A training, a batch or a sweep: the command of it, its folder, and what became of it. Times are Unix seconds."""

    id: str
    kind: str
    title: str
    state: str
    command: list[str]
    settings: dict[str, Any]
    folder: str
    created: float
    started: float | None = None
    ended: float | None = None
    exit_code: int | None = None
    message: str = ""
    starred: bool = False
    binned: bool = False


class Store:
    """The jobs of a studio, in a file that survives whatever ends the server."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)

    def add(
        self,
        kind: str,
        title: str,
        command: list[str],
        settings: dict[str, Any],
        folder: str,
        state: str = WAITING,
        **facts: Any,
    ) -> Job:
        """Put a job behind the others, or record one that has ended."""
        number = secrets.token_hex(6)
        with self._connected() as connection:
            row = (number, kind, title, state, json.dumps(command), json.dumps(settings), folder, time.time())
            columns = "id, kind, title, state, command, settings, folder, created"
            connection.execute(f"INSERT INTO jobs ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        self.change(number, **facts)
        return self.job(number)

    def job(self, number: str) -> Job:
        """A job by its id; KeyError where there is none."""
        found = self._select("WHERE id = ?", number)
        if not found:
            raise KeyError(number)
        return found[0]

    def jobs(self) -> list[Job]:
        """All jobs, the newest first."""
        return self._select("ORDER BY created DESC")

    def in_state(self, state: str) -> list[Job]:
        """Jobs in a state, the oldest first."""
        return self._select("WHERE state = ? AND binned = 0 ORDER BY created", state)

    def change(self, number: str, **changes: Any) -> None:
        """Set columns of a job."""
        assert changes.keys() <= CHANGEABLE
        if changes:
            values = [json.dumps(value) if isinstance(value, list) else value for value in changes.values()]
            with self._connected() as connection:
                names = ", ".join(f"{name} = ?" for name in changes)
                connection.execute(f"UPDATE jobs SET {names} WHERE id = ?", (*values, number))

    def remove(self, number: str) -> None:
        """Forget a job."""
        with self._connected() as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (number,))

    def claim_next(self) -> Job | None:
        """The oldest job that waits, marked as running, where none runs; in one transaction."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            running = connection.execute("SELECT 1 FROM jobs WHERE state = ?", (RUNNING,)).fetchone()
            query = "SELECT id FROM jobs WHERE state = ? AND binned = 0 ORDER BY created LIMIT 1"
            row = None if running else connection.execute(query, (WAITING,)).fetchone()
            if row:
                change = "UPDATE jobs SET state = ?, started = ?, ended = NULL, exit_code = NULL, message = '' WHERE id = ?"
                connection.execute(change, (RUNNING, time.time(), row[0]))
            connection.execute("COMMIT")
        return self.job(row[0]) if row else None

    def value(self, name: str) -> str:
        """A kept value, empty where there is none."""
        with self._connected() as connection:
            row = connection.execute("SELECT value FROM values_kept WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def keep(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        with self._connected() as connection:
            connection.execute("INSERT OR REPLACE INTO values_kept VALUES (?, ?)", (name, value))

    def _select(self, where: str, *values: Any) -> list[Job]:
        with self._connected() as connection:
            rows = connection.execute(f"SELECT * FROM jobs {where}", values).fetchall()
        return [_job(row) for row in rows]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous=NORMAL")
            yield connection
        finally:
            connection.close()


def _job(row: sqlite3.Row) -> Job:
    plain = dict(row)
    plain.update(command=json.loads(plain["command"]), settings=json.loads(plain["settings"]))
    return Job(**{**plain, "starred": bool(plain["starred"]), "binned": bool(plain["binned"])})
