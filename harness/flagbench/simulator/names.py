"""Forms of a name: CamelCase, snake_case, plural, label; in English and Portuguese."""

import re
import unicodedata

SQL_KEYWORDS = frozenset(
    {
        "abort", "action", "add", "after", "all", "alter", "always", "analyze", "and", "any",
        "as", "asc", "attach", "autoincrement", "before", "begin", "between", "by", "cascade",
        "case", "cast", "check", "collate", "column", "commit", "conflict", "constraint",
        "create", "cross", "current", "database", "default", "deferrable", "deferred", "delete",
        "desc", "detach", "distinct", "do", "drop", "each", "else", "end", "escape", "except",
        "exclude", "exclusive", "exists", "explain", "fail", "filter", "first", "following",
        "for", "foreign", "from", "full", "generated", "glob", "group", "groups", "having",
        "if", "ignore", "immediate", "in", "index", "indexed", "initially", "inner", "insert",
        "instead", "intersect", "into", "is", "isnull", "join", "key", "last", "left", "like",
        "limit", "match", "materialized", "natural", "no", "not", "nothing", "notnull", "null",
        "nulls", "of", "offset", "on", "or", "order", "others", "outer", "over", "partition",
        "plan", "pragma", "preceding", "primary", "query", "raise", "range", "recursive",
        "references", "regexp", "reindex", "release", "rename", "replace", "restrict",
        "returning", "right", "rollback", "row", "rows", "savepoint", "select", "set", "table",
        "temp", "temporary", "then", "ties", "to", "transaction", "trigger", "unbounded",
        "union", "unique", "update", "using", "vacuum", "values", "view", "virtual", "when",
        "where", "window", "with", "without",
    }
)  # fmt: skip
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "feet": "foot",
    "teeth": "tooth", "mice": "mouse", "geese": "goose", "series": "series", "species": "species",
}  # fmt: skip
_KEEPS_ITS_S = frozenset(
    {
        "address", "class", "status", "bus", "process", "business", "access", "boss", "pass",
        "loss", "glass", "news", "gas", "lens", "campus", "bonus", "virus", "corpus",
        "analysis", "basis", "crisis", "diagnosis", "thesis", "synthesis", "canvas", "atlas",
        "iris", "lapis", "onibus", "pais", "mes", "tenis",
    }
)  # fmt: skip
_ES_AFTER = ("sses", "shes", "ches", "xes", "zzes")


def to_ascii(word: str) -> str:
    """The word without accents and cedillas; other characters outside ASCII are dropped."""
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode("ascii")


def snake(name: str) -> str:
    """`OrderLine`, `Order line` and `order-line` -> `order_line`."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", to_ascii(name).strip())
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def camel(name: str) -> str:
    """`order line` -> `OrderLine`."""
    return "".join(part[:1].upper() + part[1:] for part in snake(name).split("_"))


def plural(name: str) -> str:
    """Regular plural of the last word of a snake_case name: category -> categories.

    Irregular words get it too (person -> persons), since tables are named by this rule.
    """
    head, _, last = name.rpartition("_")
    return (head + "_" if head else "") + _plural_word(last)


def _plural_word(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in ("", *"aeiou"):
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


def singular(name: str, portuguese: bool = False) -> str:
    """Singular of the last word of a snake_case name, by the rules of its language."""
    head, _, last = name.rpartition("_")
    word = _singular_portuguese(last) if portuguese else _singular_english(last)
    return (head + "_" if head else "") + word


def _singular_english(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _KEEPS_ITS_S or not word.endswith("s") or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(_ES_AFTER) or (word.endswith("es") and word[:-2] in _KEEPS_ITS_S):
        return word[:-2]
    if word.endswith(("ss", "us", "is")):
        return word
    return word[:-1]


def _singular_portuguese(word: str) -> str:
    if word in _KEEPS_ITS_S or not word.endswith("s") or len(word) < 4:
        return word
    endings = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ns", "m"))
    for plural_end, singular_end in endings:
        if word.endswith(plural_end):
            return word[: -len(plural_end)] + singular_end
    if word.endswith(("res", "zes")) and word[-4] in "aeiou":
        return word[:-2]
    return word[:-1]


def words(name: str) -> str:
    """A name as a label: `birth_date` -> `Birth date`."""
    text = snake(name).replace("_", " ")
    return text[:1].upper() + text[1:]


def quoted_column(name: str) -> str:
    """A column or table name for SQL: keywords in double quotes, others bare."""
    return f'"{name}"' if name.lower() in SQL_KEYWORDS else name
