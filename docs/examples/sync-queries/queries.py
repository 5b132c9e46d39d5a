"""A code generator: one SQL query for each question, by a client of its own, without asyncio."""

import sqlite3

from openai import OpenAI

TABLES = """CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, author TEXT);
CREATE TABLE loan (book_id INTEGER REFERENCES book, member TEXT, due DATE, returned DATE);
"""


def write_queries(requests, flags, *, model, workdir):
    """Write `query_1.sql` and so on, and count the queries that SQLite refuses."""
    client = OpenAI()  # finds the provider in OPENAI_BASE_URL and OPENAI_API_KEY
    tables = TABLES if flags["QUERIES_SCHEMA"] == "true" else ""
    refused = 0
    for number, question in enumerate(requests, start=1):
        messages = [
            {"role": "system", "content": f"You write one query for SQLite.\n{tables}"},
            {"role": "user", "content": question},
        ]
        query = ask(client, model, messages)
        if flags["QUERIES_REPAIR"] == "true" and (error := error_of(query)):
            messages += [
                {"role": "assistant", "content": query},
                {"role": "user", "content": f"SQLite says: {error}. The tables are:\n{TABLES}"},
            ]
            query = ask(client, model, messages)
        refused += error_of(query) != ""
        (workdir / f"query_{number}.sql").write_text(query, encoding="utf-8")
    return {
        "artifacts": sorted(workdir.glob("*.sql")),
        "metrics": {"refused_queries": (refused, "queries", "lower")},
    }


def ask(client, model, messages):
    """The answer of the model."""
    answer = client.chat.completions.create(model=model, messages=messages)
    return answer.choices[0].message.content


def error_of(query):
    """What SQLite says of a query on empty tables; nothing of one that it can run."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(TABLES)
        database.execute(query)
    except sqlite3.Error as error:
        return str(error)
    finally:
        database.close()
    return ""
