"""Runs what the parser read, as mksh on the handset does.

Unknown names end with 127 and ``inaccessible or not found`` (mksh of Android 11 on; ``not found`` before).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell import mishap_runner
from provisioning.virtual.android.shell.builtins import BUILTINS, Leave, LoopControl, Return
from provisioning.virtual.android.shell.expansion import ExpansionError, expand_all, expand_one, fits, pattern_of
from provisioning.virtual.android.shell.parser import parse
from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.redirection import RedirectionError, redirect
from provisioning.virtual.android.shell.scanner import ShellSyntaxError
from provisioning.virtual.android.shell.streams import BrokenPipe, Collected, Nothing, Pipe, ReadEnd, WriteEnd
from provisioning.virtual.android.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Script,
    Simple,
    Word,
)

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

_MOST_ROUNDS = 100_000
_DEEPEST_CALL = 30
_PROGRAM_FOLDERS = ("/system/bin/", "/system/xbin/", "/vendor/bin/", "/product/bin/", "/bin/", "/apex/com.android.")
Ends = tuple[ReadEnd, WriteEnd, WriteEnd]


class Shell:
    """One shell with its variables; commands of one line share it, subshells get a copy."""

    def __init__(self, phone: VirtualAndroid, variables: dict[str, str] | None = None, folder: str = "/") -> None:
        self.phone = phone
        self.variables = variables if variables is not None else dict(phone.environment)
        self.folder = folder
        self.last_code = 0
        self.last_substitution = 0
        self.name = "sh"
        self.positional: list[str] = []
        self.functions: dict[str, Command] = {}
        self.calls = 0
        self.complaints: WriteEnd = Nothing()
        self.at_exit = ""

    async def run(self, text: str, stdin: ReadEnd, stdout: WriteEnd, stderr: WriteEnd) -> int:
        """Run a whole command line and give its exit code."""
        try:
            script = parse(text)
        except ShellSyntaxError as error:
            await stderr.write(f"/system/bin/sh: {error}\n".encode())
            return 1
        self.complaints = stderr
        try:
            try:
                code = await self.script(script, (stdin, stdout, stderr))
            except Leave as leaving:
                code = leaving.code
            except ExpansionError as error:
                await stderr.write(f"/system/bin/sh: {error}\n".encode("utf-8", "surrogateescape"))
                code = 1
            if self.at_exit:
                trap, self.at_exit = self.at_exit, ""
                await self.run(trap, stdin, stdout, stderr)
            return code
        except BrokenPipe:
            return 141

    async def run_arguments(self, argv: list[str], ends: Ends) -> int:
        """Run one command given as words, as ``abb_exec:`` does."""
        try:
            return await self._execute(argv, ends, self.variables)
        except BrokenPipe:
            return 141

    def copy(self) -> Shell:
        """Make a subshell."""
        other = Shell(self.phone, dict(self.variables), self.folder)
        other.last_code = self.last_code
        other.name, other.positional = self.name, list(self.positional)
        other.functions, other.calls = dict(self.functions), self.calls
        other.complaints = self.complaints
        return other

    async def script(self, script: Script, ends: Ends) -> int:
        """Run commands one after the other."""
        for item in script.items:
            self.last_code = await self._and_or(item, ends)
        return self.last_code

    async def _and_or(self, item: AndOr, ends: Ends) -> int:
        code = await self._pipeline(item.first, ends)
        for operator, pipeline in item.rest:
            if (code == 0) == (operator == "&&"):
                self.last_code = code
                code = await self._pipeline(pipeline, ends)
        return code

    async def _pipeline(self, pipeline: Pipeline, ends: Ends) -> int:
        if len(pipeline.commands) == 1:
            code = await self._command(pipeline.commands[0], ends)
        else:
            code = await self._piped(pipeline.commands, ends)
        if pipeline.negated:
            code = int(code == 0)
        self.last_code = code
        return code

    async def _piped(self, commands: Sequence[Command], ends: Ends) -> int:
        pipes = [Pipe() for _ in commands[1:]]
        stages: list[asyncio.Task[int]] = []
        for index, command in enumerate(commands):
            stdin = pipes[index - 1] if index else ends[0]
            stdout = pipes[index] if index < len(pipes) else ends[1]
            stages.append(asyncio.ensure_future(self.copy()._stage(command, (stdin, stdout, ends[2]))))
        try:
            return (await asyncio.gather(*stages))[-1]
        finally:
            for stage in stages:
                stage.cancel()
            await asyncio.gather(*stages, return_exceptions=True)

    async def _stage(self, command: Command, ends: Ends) -> int:
        try:
            return await self._command(command, ends)
        except Leave as leaving:
            return leaving.code
        except ExpansionError as error:
            await ends[2].write(f"/system/bin/sh: {error}\n".encode("utf-8", "surrogateescape"))
            return 1
        except BrokenPipe:
            return 141
        finally:
            if isinstance(ends[0], Pipe):
                ends[0].abandon()
            if isinstance(ends[1], Pipe):
                ends[1].end()

    async def _command(self, command: Command, ends: Ends) -> int:
        if isinstance(command, Simple):
            return await self._simple(command, ends)
        if isinstance(command, Function):
            self.functions[command.name] = command.body
            return 0
        try:
            ends = await redirect(self, command.redirections, ends)
        except RedirectionError as error:
            await ends[2].write(f"/system/bin/sh: {error}\n".encode())
            return 1
        if isinstance(command, Group):
            if not command.subshell:
                return await self.script(command.body, ends)
            try:
                return await self.copy().script(command.body, ends)
            except Leave as leaving:
                return leaving.code
        if isinstance(command, If):
            return await self._if(command, ends)
        if isinstance(command, For):
            return await self._for(command, ends)
        if isinstance(command, Case):
            return await self._case(command, ends)
        return await self._loop(command, ends)

    async def _case(self, command: Case, ends: Ends) -> int:
        text = await expand_one(self, command.word)
        for patterns, body in command.branches:
            for pattern in patterns:
                if fits(await pattern_of(self, pattern), text):
                    return await self.script(body, ends)
        return 0

    async def _if(self, command: If, ends: Ends) -> int:
        for condition, body in command.branches:
            if await self.script(condition, ends) == 0:
                return await self.script(body, ends)
        return await self.script(command.otherwise, ends) if command.otherwise is not None else 0

    async def _for(self, command: For, ends: Ends) -> int:
        code = 0
        for value in await self.expand_all(command.words):
            self.variables[command.name] = value
            try:
                code = await self.script(command.body, ends)
            except LoopControl as control:
                if control.passes_on():
                    raise
                code = 0
                if control.breaks:
                    break
            await asyncio.sleep(0)
        return code

    async def _loop(self, command: Loop, ends: Ends) -> int:
        code = 0
        for _ in range(_MOST_ROUNDS):
            if (await self.script(command.condition, ends) == 0) == command.until:
                break
            try:
                code = await self.script(command.body, ends)
            except LoopControl as control:
                if control.passes_on():
                    raise
                code = 0
                if control.breaks:
                    break
            await asyncio.sleep(0)
        return code

    async def _simple(self, command: Simple, ends: Ends) -> int:
        self.last_substitution = 0
        argv = await (_test_words(self, command) if _is_test(command) else self.expand_all(command.words))
        assigned = {name: await expand_one(self, word) for name, word in command.assignments}
        try:
            ends = await redirect(self, command.redirections, ends)
        except RedirectionError as error:
            await ends[2].write(f"/system/bin/sh: {error}\n".encode())
            return 1
        if not argv:
            self.variables.update(assigned)
            return self.last_substitution
        return await self._execute(argv, ends, self.variables | assigned)

    async def _execute(self, argv: list[str], ends: Ends, environment: dict[str, str]) -> int:
        function = self.functions.get(argv[0])
        if function is not None:
            return await self._call(function, argv, ends)
        builtin = BUILTINS.get(argv[0])
        if builtin is not None:
            process = Process(argv, self, ends, environment)
            try:
                return await builtin(process)
            finally:
                await process.flush()
        program = self.program(argv[0])
        if program is None:
            missing = "inaccessible or not found" if self.phone.android >= 11 else "not found"
            await ends[2].write(f"/system/bin/sh: {argv[0]}: {missing}\n".encode("utf-8", "surrogateescape"))
            return 127
        return await mishap_runner.run(program, Process(argv, self, ends, environment))

    async def _call(self, body: Command, argv: list[str], ends: Ends) -> int:
        if self.calls >= _DEEPEST_CALL:
            raise ExpansionError(f"{argv[0]}: recursion too deep")
        kept, self.positional = self.positional, argv[1:]
        self.calls += 1
        try:
            return await self._command(body, ends)
        except Return as leaving:
            return leaving.code
        finally:
            self.positional = kept
            self.calls -= 1

    def program(self, name: str) -> Program | None:
        """Find the program that ``name`` starts, with or without its folder."""
        if "/" in name:
            if not name.startswith(_PROGRAM_FOLDERS):
                return None
            name = name.rsplit("/", 1)[1]
        return self.phone.programs.get(name)

    async def expand_all(self, words: Sequence[Word]) -> list[str]:
        """Expand words to arguments: variables, substitutions, splitting, file names."""
        return await expand_all(self, words)

    async def expand_one(self, word: Word) -> str:
        """Expand a word that is never split, such as a file name after ``>``."""
        return await expand_one(self, word)

    async def substituted(self, script: Script) -> str:
        """Give what a script writes, without the line feeds at its end."""
        kept = Collected()
        shell = self.copy()
        try:
            self.last_substitution = await shell.script(script, (Nothing(), kept, self.complaints))
        except Leave as leaving:
            self.last_substitution = leaving.code
        return to_text(kept.data).rstrip("\n").replace("\0", "")

    def known(self, name: str) -> str | None:
        """Give a variable's value, None where it has none."""
        match name:
            case "?":
                return str(self.last_code)
            case "$" | "!":
                return "4711"
            case "-":
                return ""
            case "#":
                return str(len(self.positional))
            case "@" | "*":
                return " ".join(self.positional) if self.positional else None
            case "0":
                return self.name
            case _ if name.isdigit():
                return self.positional[int(name) - 1] if int(name) <= len(self.positional) else None
            case _:
                return self.variables.get(name)


def _is_test(command: Simple) -> bool:
    return bool(command.words) and command.words[0] == Word((Literal("[[", quoted=False),))


async def _test_words(shell: Shell, command: Simple) -> list[str]:
    """Expand the words of ``[[ … ]]``: nothing is split or globbed, what follows ``==`` is a pattern."""
    words: list[str] = []
    for word in command.words:
        pattern = words[-1:] in (["="], ["=="], ["!="])
        words.append(await (pattern_of(shell, word) if pattern else expand_one(shell, word)))
    return words
