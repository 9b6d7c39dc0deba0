"""The command line: the global options, the commands, and one funnel from errors to sentences and exit codes."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.call import Call, Exit, call_of, exit_for
from provisioning.errors import IssuingDeskError, UsageError

logger = logging.getLogger(__name__)

app = typer.Typer(
    name="issuing-desk",
    help="Connect, enrol, lock down, verify and hand over iPhones, iPads and Android phones. No command: the window.",
    invoke_without_command=True,
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

MODULES = (
    "homes", "racks", "records", "returns", "attached", "batches", "batch_states", "orders", "bays", "enrolling",
    "erasing", "files", "handover", "counter", "sealing", "ledgers", "shared_ledgers", "keys", "backups", "finding",
    "sending", "auditing", "officers", "authenticators", "recalls", "privacy", "privacy_people", "policies",
    "catalogues", "people", "printing", "replays", "reports", "technicians",
)  # fmt: skip
"""Of ``console.commands``, in the order in which ``--help`` lists their commands."""
ALONE = {
    "handsets": "attached", "inspect": "attached", "provision": "attached", "check": "files", "rack": "racks",
}  # fmt: skip
"""Commands that other programs call often, and the one module that each needs: the others take 0.15 s to import."""

_registered: set[str] = set()
_WITH_VALUE = ("--home", "--technician")
HELP = "See “issuing-desk --help”, or --help after the command."

HomeOption = Annotated[Path | None, typer.Option("--home", help="Everything the desk stores (or ISSUING_DESK_HOME).")]
TechnicianOption = Annotated[
    str, typer.Option(help="Who works, on a desk with technicians (or ISSUING_DESK_TECHNICIAN).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]


@app.callback()
def root(
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
    training: Annotated[
        bool, typer.Option("--training", help="A desk on virtual handsets, with a home of its own.")
    ] = False,
    iphones: Annotated[int | None, typer.Option(min=0, max=256, help="Training: how many virtual iPhones.")] = None,
    androids: Annotated[int | None, typer.Option(min=0, max=256, help="Training: how many virtual Androids.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="Training: a scenario file.")] = None,
    technician: TechnicianOption = "",
) -> None:
    context.obj = Call(home, as_json, technician)
    if context.invoked_subcommand is not None:
        return
    if not training and (iphones is not None or androids is not None or scenario is not None):
        raise UsageError("--iphones, --androids and --scenario go with --training.")
    from console import training as trainings
    from console import window

    call = call_of(context)
    code = trainings.run(call, iphones=iphones, androids=androids, scenario=scenario) if training else window.run(call)
    raise typer.Exit(int(code))


def register(arguments: list[str]) -> None:
    """Add the commands to the program: all, unless ``arguments``, the global options first, name one of ALONE."""
    alone = ALONE.get(_command(arguments))
    for name in MODULES if alone is None else (alone,):
        if name not in _registered:
            _registered.add(name)
            importlib.import_module(f"console.commands.{name}").register(app)


def _command(arguments: list[str]) -> str:
    rest = iter(arguments)
    for argument in rest:
        if argument in _WITH_VALUE:
            next(rest, None)
        elif argument != "--json" and not argument.startswith(tuple(f"{one}=" for one in _WITH_VALUE)):
            return argument
    return ""


def run(arguments: list[str]) -> int:
    """Run one command; everything that goes wrong ends as a sentence on stderr and a code of the contract."""
    arguments = hoist_globals(arguments)
    register(arguments)
    as_json = "--json" in arguments[:6]
    try:
        result = app(args=arguments, prog_name="issuing-desk", standalone_mode=False)
    except typer.TyperException as error:
        _log(Exit.USAGE, error)
        return _fail(f"{error.format_message().rstrip('.')}. {HELP}", Exit.USAGE, as_json=as_json)
    except IssuingDeskError as error:
        _log(exit_for(error), error)
        return _fail(str(error), exit_for(error), as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away; nothing is left to tell it
        return int(Exit.CLEAR)
    return int(result) if isinstance(result, int) else int(Exit.CLEAR)


def hoist_globals(arguments: list[str]) -> list[str]:
    """Move ``--home``, ``--technician`` and ``--json`` to the front: they are global, so they may stand anywhere."""
    front: list[str] = []
    rest: list[str] = []
    pending = iter(arguments)
    for argument in pending:
        if argument == "--":
            rest += [argument, *pending]
        elif argument == "--json" or argument.startswith(tuple(f"{one}=" for one in _WITH_VALUE)):
            front.append(argument)
        elif argument in _WITH_VALUE:
            front += [argument, *(value for value in (next(pending, None),) if value is not None)]
        else:
            rest.append(argument)
    return front + rest


def _log(code: Exit, error: Exception) -> None:
    # Not the sentence: it is for the person at the desk and may name another person, which no log does.
    logger.info("ended with %d: %s", code, type(error).__name__)


def _fail(sentence: str, code: Exit, *, as_json: bool) -> int:
    if as_json:
        Call(None, as_json=True).answer({"error": sentence}, "")
    Call(None, as_json=as_json).tell(sentence)
    return int(code)
