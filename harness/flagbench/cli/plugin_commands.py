"""Commands that other packages add to `flagbench`, by entry points of `flagbench.commands`."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

import click

from flagbench.errors import CouldNotRun, Problem

GROUP = "flagbench.commands"


class CommandGroup(click.Group):
    """A group that has, after its own commands, those of the entry points.

    Each is loaded when it is named or listed. One that cannot be loaded is listed all the same; to
    run it raises `CouldNotRun` with the reason.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *(point.name for point in _points())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name: its own, else that of an entry point, else None."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        return next((_load(point) for point in _points() if point.name == cmd_name), None)


def _points() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def _load(point: EntryPoint) -> click.Command:
    try:
        command = point.load()
    except (Exception, SystemExit) as error:  # the module is a stranger's: anything may happen
        reason, _, _ = str(error).partition("\n")
        return _broken(point, f"{type(error).__name__}: {reason}")
    if not isinstance(command, click.Command):
        return _broken(point, f"{point.value} is not a click command")
    return command


def _broken(point: EntryPoint, reason: str) -> click.Command:
    """The command in place of one that cannot be loaded; it takes any arguments."""
    package = point.dist.name if point.dist else "the package that declares it"

    def fail(arguments: object) -> None:  # noqa: ARG001  whatever they are
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
