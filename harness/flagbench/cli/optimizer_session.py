"""Commands of `flagbench optimize` that are typed line by line."""

import shlex
from difflib import get_close_matches

import click

from flagbench.cli.optimizer_desk import Desk
from flagbench.cli.output import say
from flagbench.errors import FlagbenchError

_PROMPT = "optimize> "


class Commands(click.Group):
    """Commands that are suggested where another name was typed."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with the nearest name in the error."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            known = self.list_commands(ctx)
            expected = (get_close_matches(name, known, n=1) or [", ".join(known)])[0]
            ctx.fail(f"no command {name!r}\n    expected: {expected}")
        return super().resolve_command(ctx, args)


def session(group: click.Group, desk: Desk) -> None:
    """Take commands line by line until `exit` or the end of the input."""
    say("Commands: " + ", ".join(group.commands) + ", help, exit")
    while True:
        try:
            words = shlex.split(input(_PROMPT))
        except (EOFError, KeyboardInterrupt):
            say("")
            return
        except ValueError as error:
            say(f"flagbench: {error}", err=True)
            continue
        words = words[1:] if words[:1] == ["optimize"] else words
        if words in (["exit"], ["quit"]):
            return
        words = ["--help"] if words == ["help"] else words
        try:
            if words:
                group.main(words, "optimize", standalone_mode=False, obj=desk)
        except click.ClickException as error:
            error.show()
        except FlagbenchError as error:
            say(f"flagbench: {error}", err=True)
        except (SystemExit, click.Abort, KeyboardInterrupt):
            continue  # the command has said why
