"""Runs what the parser read, as mksh on the handset does.

Unknown names end with 127 and ``inaccessible or not found`` (mksh of Android 11 on; ``not found`` before).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell import mishap_runner
from provisioning.virtual.android.shell.builtins import BUILTINS, Exit
from provisioning.virtual.android.shell.parser import parse
from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.redirection import RedirectionError, redirect
from provisioning.virtual.android.shell.scanner import ShellSyntaxError
from provisioning.virtual.android.shell.streams import BrokenPipe, Collected, Nothing, Pipe, ReadEnd, WriteEnd
from provisioning.virtual.android.shell.syntax import (
    AndOr,
    Command,
    For,
    Group,
    If,
    Literal,
    Loop,
    Parameter,
    Pipeline,
    Script,
    Simple,
    Substitution,
    Word,
)

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

_MOST_ROUNDS = 100_000
_PROGRAM_FOLDERS = ("/system/bin/", "/system/xbin/", "/vendor/bin/", "/product/bin/", "/bin/", "/apex/com.android.")
_GLOB = re.compile(r"[*?\[]")
Ends = tuple[ReadEnd, WriteEnd, WriteEnd]


class Shell:
    """One shell with its variables; commands of one line share it, subshells get a copy."""

    def __init__(self, phone: VirtualAndroid, variables: dict[str, str] | None = None, folder: str = "/") -> None:
        self.phone = phone
        self.variables = variables if variables is not None else dict(phone.environment)
        self.folder = folder
        self.last_code = 0
        self.last_substitution = 0

    async def run(self, text: str, stdin: ReadEnd, stdout: WriteEnd, stderr: WriteEnd) -> int:
        """Run a whole command line and give its exit code."""
        try:
            script = parse(text)
        except ShellSyntaxError as error:
            await stderr.write(f"/system/bin/sh: {error}\n".encode())
            return 1
        try:
            return await self.script(script, (stdin, stdout, stderr))
        except Exit as leaving:
            return leaving.code
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
        except Exit as leaving:
            return leaving.code
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
            except Exit as leaving:
                return leaving.code
        if isinstance(command, If):
            return await self._if(command, ends)
        if isinstance(command, For):
            return await self._for(command, ends)
        return await self._loop(command, ends)

    async def _if(self, command: If, ends: Ends) -> int:
        for condition, body in command.branches:
            if await self.script(condition, ends) == 0:
                return await self.script(body, ends)
        return await self.script(command.otherwise, ends) if command.otherwise is not None else 0

    async def _for(self, command: For, ends: Ends) -> int:
        code = 0
        for value in await self.expand_all(command.words):
            self.variables[command.name] = value
            code = await self.script(command.body, ends)
            await asyncio.sleep(0)
        return code

    async def _loop(self, command: Loop, ends: Ends) -> int:
        code = 0
        for _ in range(_MOST_ROUNDS):
            if (await self.script(command.condition, ends) == 0) == command.until:
                break
            code = await self.script(command.body, ends)
            await asyncio.sleep(0)
        return code

    async def _simple(self, command: Simple, ends: Ends) -> int:
        self.last_substitution = 0
        argv = await self.expand_all(command.words)
        assigned = {name: "".join(await self._fields(word, split=False)) for name, word in command.assignments}
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

    def program(self, name: str) -> Program | None:
        """Find the program that ``name`` starts, with or without its folder."""
        if "/" in name:
            if not name.startswith(_PROGRAM_FOLDERS):
                return None
            name = name.rsplit("/", 1)[1]
        return self.phone.programs.get(name)

    async def expand_all(self, words: Sequence[Word]) -> list[str]:
        """Expand words to arguments: variables, substitutions, splitting, file names."""
        arguments: list[str] = []
        for word in words:
            arguments += await self._fields(word, split=True)
        return arguments

    async def expand_one(self, word: Word) -> str:
        """Expand a word that is never split, such as a file name after ``>``."""
        return "".join(await self._fields(word, split=False))

    async def _fields(self, word: Word, split: bool) -> list[str]:
        fields: list[str] = []
        current: str | None = None
        pattern = False
        for part in word.parts:
            text = await self._part(part)
            if part.quoted or isinstance(part, Literal) or not split:
                current = (current or "") + text
                pattern = pattern or (not part.quoted and _GLOB.search(text) is not None)
                continue
            pieces = text.split()
            if text[:1].isspace() and current is not None:
                fields.append(current)
                current = None
            for index, piece in enumerate(pieces):
                if index and current is not None:
                    fields.append(current)
                    current = None
                current = (current or "") + piece
            if pieces and text[-1:].isspace() and current is not None:
                fields.append(current)
                current = None
        if current is not None:
            fields.append(current)
        if split and pattern and len(fields) == 1:
            return self.phone.files.matching(fields[0], self.folder) or fields
        return fields

    async def _part(self, part: Literal | Parameter | Substitution) -> str:
        if isinstance(part, Literal):
            return part.text
        if isinstance(part, Substitution):
            kept = Collected()
            shell = self.copy()
            try:
                self.last_substitution = await shell.script(part.script, (Nothing(), kept, Nothing()))
            except Exit as leaving:
                self.last_substitution = leaving.code
            return to_text(kept.data).rstrip("\n").replace("\0", "")
        value = self.variable(part.name)
        if not value and part.fallback is not None:
            return await self.expand_one(part.fallback)
        return value

    def variable(self, name: str) -> str:
        """Give a variable's value, empty where it has none."""
        if name == "?":
            return str(self.last_code)
        if name in {"$", "!"}:
            return "4711"
        if name == "#":
            return "0"
        if name == "0":
            return "sh"
        return self.variables.get(name, "")
