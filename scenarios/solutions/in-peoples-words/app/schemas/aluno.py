"""Tables and migration for Aluno."""

import sqlite3

ALUNOS_TABLE = """
CREATE TABLE IF NOT EXISTS alunos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    nome TEXT NOT NULL,
    numero_de_matricula INTEGER NOT NULL
)
"""

SCHEMA = ALUNOS_TABLE.strip() + ";\n"


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of the columns that a table has now."""
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row[1] for row in rows}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of Aluno up to date without losing data."""
    cursor = connection.cursor()
    cursor.execute(ALUNOS_TABLE)
    existing = column_names(connection, "alunos")
    if "nome" not in existing:
        cursor.execute(
            "ALTER TABLE alunos ADD COLUMN nome TEXT NOT NULL " "DEFAULT ''"
        )
    if "numero_de_matricula" not in existing:
        cursor.execute(
            "ALTER TABLE alunos ADD COLUMN numero_de_matricula "
            "INTEGER NOT NULL DEFAULT 0"
        )
    connection.commit()
