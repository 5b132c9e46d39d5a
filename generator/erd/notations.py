"""The notations in which an ERD may come."""

from collections.abc import Mapping

from generator.erd.imported import Imported
from generator.erd.read import read

# By the endings of their files.
NOTATIONS: Mapping[str, tuple[str, ...]] = {
    "json": (".json",),
    "dbml": (".dbml",),
    "mermaid": (".mmd", ".mermaid"),
}


def from_notation(text: str, notation: str, *, name: str = "imported") -> Imported:
    """The ERD of a text in one of `NOTATIONS`.

    `name` is the ERD's, where the text does not say one. Raises `ErdErrors` with everything that is
    wrong, and `ValueError` for a notation that is not known.
    """
    # The importers, and the parser behind one of them, are loaded by those who need them.
    if notation == "json":
        return Imported(read(text), ())
    if notation == "dbml":
        from generator.erd.dbml import from_dbml  # noqa: PLC0415

        return from_dbml(text, name=name)
    if notation == "mermaid":
        from generator.erd.mermaid import from_mermaid  # noqa: PLC0415

        return from_mermaid(text, name=name)
    raise ValueError(f"{notation!r} is no notation; right would be one of {', '.join(NOTATIONS)}")
