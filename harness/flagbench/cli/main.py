"""The `flagbench` command, and the exit codes of its errors."""

import errno
import io
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from flagbench import closed_pipe, extras
from flagbench.cli import output
from flagbench.cli.command_group import CommandGroup, Lazy
from flagbench.errors import CouldNotRun, ExitCode, FlagbenchError, InputError, Problem
from flagbench.run.interrupts import Interrupted


def _accept() -> click.Command:
    from flagbench.cli.accept import accept

    return accept


def _attribute() -> click.Command:
    extras.require("report", "flagbench attribute")
    from flagbench.cli.attribute import attribute_

    return attribute_


def _canary() -> click.Command:
    from flagbench.cli.canary import canary

    return canary


def _bisect() -> click.Command:
    from flagbench.cli.bisect import bisect

    return bisect


def _optimize() -> click.Command:
    extras.require("optimizer", "flagbench optimize")
    from flagbench.cli.optimize import optimize

    return optimize


def _plan() -> click.Command:
    extras.require("report", "flagbench plan")
    from flagbench.cli.plan import plan

    return plan


def _compare() -> click.Command:
    extras.require("report", "flagbench compare")
    from flagbench.cli.compare import compare

    return compare


def _generate() -> click.Command:
    from flagbench.cli.generate import generate

    return generate


def _import() -> click.Command:
    from flagbench.cli.import_cassette import import_

    return import_


def _init() -> click.Command:
    from flagbench.cli.init import init_

    return init_


def _merge() -> click.Command:
    from flagbench.cli.merge import merge

    return merge


def _provider() -> click.Command:
    extras.require("simulator", "flagbench provider")
    from flagbench.cli.provider import provider

    return provider


def _proxy() -> click.Command:
    from flagbench.cli.proxy import proxy

    return proxy


def _record() -> click.Command:
    from flagbench.cli.record import record

    return record


def _reproduce() -> click.Command:
    extras.require("report", "flagbench reproduce")
    from flagbench.cli.reproduce import reproduce

    return reproduce


def _export() -> click.Command:
    extras.require("report", "flagbench export")
    from flagbench.cli.export import export

    return export


def _run() -> click.Command:
    from flagbench.cli.run import run

    return run


def _scrub() -> click.Command:
    from flagbench.cli.scrub import scrub_

    return scrub_


def _self_test() -> click.Command:
    from flagbench.cli.self_test import self_test

    return self_test


def _services() -> click.Command:
    extras.require("simulator", "flagbench services")
    from flagbench.cli.services import services

    return services


def _simulated_vs_real() -> click.Command:
    extras.require("simulator", "flagbench simulated-vs-real")
    from flagbench.cli.simulated_vs_real import simulated_vs_real

    return simulated_vs_real


def _view() -> click.Command:
    extras.require("view", "flagbench view")
    from flagbench.cli.view import view

    return view


def _what_if() -> click.Command:
    from flagbench.cli.what_if import what_if_

    return what_if_


# Each is imported when it is used: together they import most of the dependencies.
COMMANDS = {
    "init": Lazy(_init, "start to benchmark a generator in a folder"),
    "run": Lazy(_run, "replay, measure and judge scenarios (pytest's options work)"),
    "merge": Lazy(_merge, "join the shards of a run into its reports"),
    "record": Lazy(_record, "record what the cassettes of scenarios lack"),
    "import": Lazy(_import, "turn recordings of other tools into a cassette"),
    "accept": Lazy(_accept, "prove generated files by running them"),
    "view": Lazy(_view, "show a run in the browser, down to each call"),
    "plan": Lazy(_plan, "the trials that an effect needs, and what today's can see"),
    "canary": Lazy(_canary, "send recorded requests again, and compare the answers"),
    "bisect": Lazy(_bisect, "the commit since which a scenario has another verdict"),
    "compare": Lazy(_compare, "compare two series or two runs, paired, with a gate"),
    "attribute": Lazy(_attribute, "effects, interactions and claims of each flag"),
    "reproduce": Lazy(_reproduce, "make a table, report or bundle again, and compare"),
    "export": Lazy(_export, "tables and figures for a paper, and a research bundle"),
    "what-if": Lazy(_what_if, "replay under another speed, rate limit or price"),
    "generate": Lazy(_generate, "write an application to a folder"),
    "optimize": Lazy(_optimize, "set, run and report the performance optimizer"),
    "proxy": Lazy(_proxy, "replay or record any program's calls on loopback"),
    "provider": Lazy(_provider, "serve the simulated provider on loopback"),
    "self-test": Lazy(_self_test, "known regressions, and what the gate says of each"),
    "services": Lazy(_services, "serve a scenario's simulated services on loopback"),
    "scrub": Lazy(_scrub, "take secrets and identities out of cassettes"),
    "simulated-vs-real": Lazy(
        _simulated_vs_real, "the simulated provider's figures beside their sources"
    ),
}


QUESTIONS = """\
flagbench proves or refutes what optimisation flags do to an LLM code generator.
  Start with a generator of your own?    flagbench init
  Record its calls once?                 flagbench record scenarios/x.yaml
  Does everything still hold?            flagbench run
  Every series of one scenario?          flagbench run scenarios/x.yaml -v
  What happened, down to each call?      flagbench view
  Is one setting better than another?    flagbench compare none all
  What does each flag do?                flagbench attribute
  What if the model were slower?         flagbench what-if scenarios/x.yaml --set provider.speed=0.5
  Everything else?                       flagbench --help\
"""


@click.group(
    cls=CommandGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="flagbench")
@click.pass_context
def cli(context: click.Context) -> None:
    """Prove or refute what optimisation flags do to an LLM code generator.

    \b
    flagbench run                      replay ./scenarios and judge them
    flagbench record scenarios/x.yaml  record what a scenario lacks
    flagbench compare none all         compare two settings

    Exit codes: 0 all kept, 1 at least one broken, 2 wrong usage or input, 3 could not run,
    4 at least one provisional. `flagbench COMMAND --help` says what they mean elsewhere.
    """
    if context.invoked_subcommand is None:
        output.say(QUESTIONS)


_NAME_CHARACTERS = 80
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EIO)
_NO_PLACE = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST,
)  # fmt: skip


def main() -> None:
    """Run the command; turn expected errors into a message and an exit code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # `>&-`: the output is not wanted
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  until the end
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe on Windows may not encode Δ
    try:
        cli.main(standalone_mode=False)
    except FlagbenchError as error:
        _end(f"flagbench: {error}", error.exit_code)
    except click.UsageError as error:
        error.show(shown := io.StringIO())
        _end(shown.getvalue().rstrip("\n"), ExitCode.WRONG_INPUT)
    except click.ClickException as error:
        _end(f"flagbench: {error.format_message()}", ExitCode.WRONG_INPUT)
    except OSError as error:
        ended = _ended_by(error)
        if ended is None:
            raise
        _end(f"flagbench: {ended}", ended.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        came = error.__cause__  # click makes an abort of every interrupt
        interrupted = came if isinstance(came, Interrupted) else Interrupted(signal.SIGINT, kept="")
        _end(f"flagbench: {interrupted}", interrupted.exit_code)


def _end(message: str, exit_code: int) -> NoReturn:
    """Raise `SystemExit` after a message; where that cannot be written, the exit code is all."""
    with suppress(OSError):
        output.say(message, err=True)
    closed_pipe.drop_unwritten()
    raise SystemExit(exit_code) from None


def _ended_by(error: OSError) -> FlagbenchError | None:
    """The error of a file that a person or another program is the cause of; None for any other."""
    name = str(error.filename)
    if error.errno == errno.ENAMETOOLONG:
        return InputError(Problem("the path is too long", f"{name[:_NAME_CHARACTERS]}…"))
    if isinstance(error, FileNotFoundError) and error.filename:
        expected = "a file or folder that stays during the command"
        return CouldNotRun(Problem("it is not there, or no longer", name, expected))
    where = name if error.filename else "the output"
    if error.errno in _FULL:
        return CouldNotRun(Problem(str(error.strerror).lower(), where, fix="make room, and repeat"))
    if error.errno in _NO_PLACE and error.filename:
        expected = "a file or folder that may be read, and written where something is written"
        return CouldNotRun(Problem(str(error.strerror).lower(), where, expected))
    return None
