"""A group of commands, of flagbench and of other packages, that are imported when they are used."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from flagbench import closed_pipe
from flagbench.errors import CouldNotRun, Problem

GROUP = "flagbench.commands"


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command as the function that imports it, with its line in the list of commands."""

    load: Callable[[], click.Command]
    summary: str


class CommandGroup(click.Group):
    """A group of lazy commands, and of those of the entry points of `flagbench.commands`.

    Lazy commands are imported when they are run, those of other packages when they are run or
    listed. A command that cannot be loaded is listed too; running it raises `CouldNotRun` with the
    reason.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """The context of a command line, of which `--help` and `--version` are printed here."""
        with closed_pipe.ends_quietly():  # click itself would end with 1, that of FAIL
            return super().make_context(*args, **kwargs)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with. Raises `UsageError` with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415  only where there is such an error

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near:
                what = f"No such command {args[0]!r}. Did you mean {near[0]!r}?"
                raise click.UsageError(what, ctx) from error
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; the help of one and the output of other packages are printed here."""
        with closed_pipe.ends_quietly():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """The names of all commands: the lazy ones in their order, then the others by name."""
        return [*self._lazy, *(point.name for point in self._others())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        """The command of a name: a lazy one, else that of an entry point, else None."""
        if cmd_name in self._lazy:
            return self._lazy[cmd_name].load()
        return next((_load(point) for point in self._others() if point.name == cmd_name), None)

    def _others(self) -> list[EntryPoint]:
        others = (point for point in _points() if point.name not in self._lazy)
        return sorted(others, key=lambda point: point.name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing the lazy ones."""
        rows = [(name, command.summary) for name, command in self._lazy.items()]
        for point in self._others():
            command = self.get_command(ctx, point.name)
            rows.append((point.name, command.get_short_help_str() if command else ""))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _points() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def _load(point: EntryPoint) -> click.Command:
    try:
        command = point.load()
    except (Exception, SystemExit) as error:  # a module of another package may raise anything
        reason, _, _ = str(error).partition("\n")
        return _broken(point, f"{type(error).__name__}: {reason}")
    if not isinstance(command, click.Command):
        return _broken(point, f"{point.value} is not a click command")
    return command


def _broken(point: EntryPoint, reason: str) -> click.Command:
    """A stand-in for a command that cannot be loaded; it takes any arguments."""
    package = point.dist.name if point.dist else "the package that declares it"

    def fail(arguments: object) -> None:  # noqa: ARG001  they are ignored
        where, fix = f"flagbench {point.name} ({point.value})", f"reinstall or uninstall {package}"
        raise CouldNotRun(Problem(f"cannot be loaded: {reason}", where=where, fix=fix))

    return click.Command(
        point.name,
        callback=fail,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        add_help_option=False,
        short_help="(cannot be loaded)",
    )
