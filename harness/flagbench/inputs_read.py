"""Record of what code under test has read beside its arguments."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Inputs:
    """Inputs that were read, as absolute paths and names.

    `imports` are modules that were imported by a computed name, each with the importing module.
    `modules` were loaded meanwhile. `all_variables` is True if the code went through all of them,
    `programs` if it started one. A file is True if it was there when it was first read, folders
    have the names that were in them, and `later_names` has those that were others at another time.
    `places` were looked at and perhaps not read: whether they are there, or how large they are.
    """

    files: dict[str, bool] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)
    folders: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    later_names: set[tuple[str, tuple[str, ...] | None]] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    all_variables: bool = False
    imports: set[tuple[str, str]] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    programs: bool = False

    def add(self, other: "Inputs") -> None:
        """Add what another observation saw."""
        self.files = other.files | self.files
        self.later_names |= other.later_names | {
            (path, names)
            for path, names in other.folders.items()
            if self.folders.get(path, names) != names
        }
        self.folders = other.folders | self.folders
        self.places |= other.places
        self.variables |= other.variables
        self.all_variables |= other.all_variables
        self.imports |= other.imports
        self.modules |= other.modules
        self.programs |= other.programs

    @property
    def amount(self) -> tuple[int, ...]:
        """The numbers of what was read, which only grow."""
        return (
            len(self.files), len(self.folders), len(self.variables), len(self.imports),
            len(self.modules), len(self.places), len(self.later_names), self.all_variables,
            self.programs,
        )  # fmt: skip
