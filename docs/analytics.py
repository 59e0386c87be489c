"""Reads a copy of analytics.db, as docs/analytics.md describes it.

    python3 analytics.py analytics.db

Python's own sqlite3 is enough; where pandas is installed, its tables are printed instead.
"""

import sqlite3
import sys
from contextlib import closing

QUERIES = {
    "waits by week": """
        SELECT week, SUM(accepted) AS accepted,
               ROUND(SUM(mean_seconds * accepted) / SUM(accepted), 1) AS mean_seconds
        FROM waits GROUP BY week ORDER BY week""",
    "messages by month": """
        SELECT month, room_kind, SUM(sent) AS sent, SUM(deleted) AS deleted
        FROM messages_per_day GROUP BY month, room_kind ORDER BY month, room_kind""",
    "emotions by month": """
        SELECT month, label, SUM(answers) AS answers
        FROM emotions_per_day GROUP BY month, label ORDER BY month, answers DESC""",
    "how consultations end": """
        SELECT status, COALESCE(end_reason, '') AS end_reason, COUNT(*) AS consultations
        FROM consultations GROUP BY status, end_reason ORDER BY consultations DESC""",
}


def with_pandas(connection):
    import pandas

    for title, query in QUERIES.items():
        print(f"\n{title}")
        print(pandas.read_sql_query(query, connection).to_string(index=False))


def without(connection):
    for title, query in QUERIES.items():
        print(f"\n{title}")
        cursor = connection.execute(query)
        print(*(column[0] for column in cursor.description), sep="\t")
        for row in cursor:
            print(*row, sep="\t")


def main(path):
    # Read only: a wrong name is an error and not a new file.
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        position = "SELECT position FROM checkpoints WHERE projection = 'analytics'"
        print(f"everything up to position {connection.execute(position).fetchone()[0]}")
        try:
            with_pandas(connection)
        except ImportError:
            without(connection)


if __name__ == "__main__":
    main(sys.argv[1])
