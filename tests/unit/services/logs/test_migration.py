from __future__ import annotations

import sqlite3
from contextlib import closing

import orjson

from lambent.store.schema import migrate, migrations

BEFORE, WITH_GROUPS = 2, 3


def test_logs_of_before_there_were_groups_are_kept() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, [step for step in migrations() if step.number <= BEFORE])
        for number, (group, stream) in enumerate([("f", "a"), ("f", "b"), ("g", "a")], 1):
            connection.execute(
                "INSERT INTO log_streams VALUES (?, '000000000000', 'us-east-1', ?, ?, ?, ?)",
                (number, group, stream, 100 * number, 110 * number),
            )
            connection.execute(
                "INSERT INTO log_chunks VALUES (?, ?, ?, ?, 1, ?)",
                (10 * number, number, 110 * number, 110 * number, orjson.dumps([[110 * number, "text"]])),
            )

        migrate(connection, [step for step in migrations() if step.number <= WITH_GROUPS])

        groups = connection.execute("SELECT name, class, created_at, retention_days FROM log_groups ORDER BY name")
        assert groups.fetchall() == [("f", "STANDARD", 100, None), ("g", "STANDARD", 300, None)]
        streams = connection.execute(
            "SELECT g.name, s.name, s.created_at, s.first_event_at, s.last_event_at FROM log_streams AS s "
            "JOIN log_groups AS g ON g.id = s.group_id ORDER BY s.id"
        )
        assert streams.fetchall() == [("f", "a", 100, 110, 110), ("f", "b", 200, 220, 220), ("g", "a", 300, 330, 330)]
        chunks = connection.execute(
            "SELECT c.id, g.name, s.name, c.count, c.events FROM log_chunks AS c "
            "JOIN log_groups AS g ON g.id = c.group_id JOIN log_streams AS s ON s.id = c.stream_id ORDER BY c.id"
        )
        assert [(*row[:4], orjson.loads(row[4])) for row in chunks] == [
            (10, "f", "a", 1, [[110, "text"]]),
            (20, "f", "b", 1, [[220, "text"]]),
            (30, "g", "a", 1, [[330, "text"]]),
        ]
        (stored,) = connection.execute("SELECT SUM(stored_bytes) FROM log_groups").fetchone()
        (written,) = connection.execute("SELECT SUM(bytes) FROM log_chunks").fetchone()
        assert stored == written > 0
