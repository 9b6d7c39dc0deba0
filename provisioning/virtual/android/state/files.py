"""The handset's file tree, as far as uid 2000 (shell) sees it.

``/data/local/tmp`` and shared storage can be written, everything else is read-only or closed; ``/sdcard`` and its
relatives are one place. The bytes of preloaded APKs do not exist here: reading them ends in ``I/O error``, so that
nobody mistakes a made-up file for a vendor's.
"""

from __future__ import annotations

import fnmatch
import posixpath
import stat
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

_SHELL = 2000
_ALIASES = ("/storage/emulated/0", "/storage/self/primary", "/mnt/sdcard", "/data/media/0")
_WRITABLE = ("/data/local/tmp", "/sdcard")
_CLOSED = ("/data/data", "/data/system", "/data/user", "/data/misc", "/root", "/metadata", "/system/build.prop")
_FOLDERS = (
    "/", "/acct", "/apex", "/bin", "/cache", "/config", "/d", "/data", "/data/app", "/data/local", "/data/local/tmp",
    "/data/data", "/data/system", "/data/user", "/data/misc", "/dev", "/etc", "/mnt", "/odm", "/proc", "/product",
    "/product/app", "/product/priv-app", "/sdcard", "/sdcard/Android", "/sdcard/Android/data", "/sdcard/DCIM",
    "/sdcard/Download", "/sdcard/Pictures", "/storage", "/storage/emulated", "/sys", "/system", "/system/app",
    "/system/bin", "/system/priv-app", "/system_ext", "/system_ext/app", "/system_ext/priv-app", "/vendor",
)  # fmt: skip
LARGEST_FILE = 512 * 1024 * 1024


class FileProblem(Exception):
    """Raised for what the kernel refuses; ``str()`` is strerror's text."""


NO_SUCH_FILE = "No such file or directory"
NO_PERMISSION = "Permission denied"
IS_FOLDER = "Is a directory"
NO_SPACE = "No space left on device"
INPUT_OUTPUT = "I/O error"
READ_ONLY = "Read-only file system"


@dataclass(frozen=True, slots=True)
class FileStatus:
    """What stat says; ``modified`` in seconds since 1970."""

    mode: int
    size: int
    modified: int
    inode: int

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a directory."""
        return stat.S_ISDIR(self.mode)


@dataclass(slots=True)
class _File:
    mode: int
    modified: int
    data: bytearray = field(default_factory=bytearray)


class ForeignFile(Protocol):
    """A file that the tree only borrows, such as an installed APK."""

    @property
    def size(self) -> int:
        """Give its length in bytes."""
        ...

    def read(self) -> bytes:
        """Give its bytes. Raises FileProblem where they do not exist here."""
        ...


class Files:
    """The tree; paths are absolute, errors are :class:`FileProblem`."""

    def __init__(self, now: Callable[[], int], borrowed: Callable[[], Mapping[str, ForeignFile]]) -> None:
        self._now = now
        self._borrowed = borrowed
        self._folders: dict[str, int] = dict.fromkeys(_FOLDERS, 1230768000)
        self._files: dict[str, _File] = {}
        self.full = False

    @staticmethod
    def absolute(path: str, folder: str = "/") -> str:
        """Resolve ``path`` against ``folder``, with the aliases of shared storage folded into ``/sdcard``."""
        resolved = posixpath.normpath(posixpath.join(folder, path))
        if resolved.startswith("//"):
            resolved = resolved[1:]
        for alias in _ALIASES:
            if resolved == alias or resolved.startswith(alias + "/"):
                return "/sdcard" + resolved[len(alias) :]
        return resolved

    def status(self, path: str) -> FileStatus:
        """Stat ``path``."""
        path = self.absolute(path)
        self._enter(path)
        inode = zlib.crc32(path.encode("utf-8", "surrogateescape")) or 1
        if path in self._files:
            file = self._files[path]
            return FileStatus(stat.S_IFREG | file.mode, len(file.data), file.modified, inode)
        borrowed = self._borrowed()
        if path in borrowed:
            return FileStatus(stat.S_IFREG | 0o644, borrowed[path].size, 1230768000, inode)
        if path in self._folders:
            mode = 0o771 if path in _WRITABLE else 0o755
            return FileStatus(stat.S_IFDIR | mode, 3452, self._folders[path], inode)
        if any(name.startswith(path + "/") for name in borrowed):
            return FileStatus(stat.S_IFDIR | 0o755, 4096, 1230768000, inode)
        raise FileProblem(NO_SUCH_FILE)

    def exists(self, path: str) -> bool:
        """Tell whether there is something that shell can see."""
        try:
            self.status(path)
        except FileProblem:
            return False
        return True

    def is_folder(self, path: str) -> bool:
        """Tell whether it is a directory that shell can see."""
        return self.exists(path) and self.status(path).is_folder

    def read(self, path: str) -> bytes:
        """Read a whole file."""
        path = self.absolute(path)
        if self.status(path).is_folder:
            raise FileProblem(IS_FOLDER)
        if path in self._files:
            return bytes(self._files[path].data)
        return self._borrowed()[path].read()

    def write(self, path: str, data: bytes, mode: int, modified: int | None = None) -> None:
        """Write a whole file, making folders on the way as adbd's sync does."""
        path = self._may_write(path)
        if path in self._folders:
            raise FileProblem(IS_FOLDER)
        self._room(len(data))
        self.make_folder(posixpath.dirname(path))
        self._files[path] = _File(mode & 0o777, self._now() if modified is None else modified, bytearray(data))

    def append(self, path: str, data: bytes) -> None:
        """Add to a file, which is made if need be."""
        path = self._may_write(path)
        self._room(len(data) + (len(self._files[path].data) if path in self._files else 0))
        file = self._files.setdefault(path, _File(0o644, self._now()))
        file.data += data
        file.modified = self._now()

    def make_folder(self, path: str) -> None:
        """Make a directory and those above it; does nothing where it exists."""
        path = self.absolute(path)
        if path in self._folders:
            return
        self._may_write(path)
        if path in self._files:
            raise FileProblem("File exists")
        self.make_folder(posixpath.dirname(path))
        self._folders[path] = self._now()

    def remove(self, path: str) -> None:
        """Remove a file."""
        path = self.absolute(path)
        if self.status(path).is_folder:
            raise FileProblem(IS_FOLDER)
        self._may_write(path)
        if path not in self._files:
            raise FileProblem(READ_ONLY)
        del self._files[path]

    def remove_tree(self, path: str) -> None:
        """Remove a file or a directory with all that is in it."""
        path = self._may_write(path)
        if path in _FOLDERS:
            raise FileProblem(NO_PERMISSION)
        self.status(path)
        inside = path + "/"
        self._files = {n: f for n, f in self._files.items() if n != path and not n.startswith(inside)}
        self._folders = {n: t for n, t in self._folders.items() if n != path and not n.startswith(inside)}

    def change_mode(self, path: str, mode: int) -> None:
        """Change a file's permission bits."""
        path = self._may_write(path)
        if path in self._files:
            self._files[path].mode = mode & 0o777
        elif path not in self._folders:
            raise FileProblem(NO_SUCH_FILE)

    def names(self, path: str) -> list[str]:
        """List a directory, sorted."""
        path = self.absolute(path)
        if not self.status(path).is_folder:
            raise FileProblem("Not a directory")
        if path in {"/data", "/data/app", *_CLOSED}:
            raise FileProblem(NO_PERMISSION)
        prefix = path.rstrip("/") + "/"
        everything = [*self._folders, *self._files, *self._borrowed()]
        return sorted({n[len(prefix) :].split("/", 1)[0] for n in everything if n.startswith(prefix) and n != prefix})

    def matching(self, pattern: str, folder: str) -> list[str]:
        """Expand ``* ? []`` in the last part of a path; empty where nothing matches."""
        head, _, last = pattern.rpartition("/")
        where = self.absolute(head or ("/" if pattern.startswith("/") else "."), folder)
        try:
            names = self.names(where)
        except FileProblem:
            return []
        hidden = last.startswith(".")
        found = [n for n in names if fnmatch.fnmatchcase(n, last) and n.startswith(".") == hidden]
        return [f"{head}/{n}" if "/" in pattern else n for n in found]

    def _enter(self, path: str) -> None:
        for closed in _CLOSED:
            if path.startswith(closed + "/") or (path == closed and closed not in self._folders):
                raise FileProblem(NO_PERMISSION)

    def _may_write(self, path: str) -> str:
        path = self.absolute(path)
        if not any(path == place or path.startswith(place + "/") for place in _WRITABLE):
            closed = path.startswith("/data")
            raise FileProblem(NO_PERMISSION if closed else READ_ONLY)
        return path

    def _room(self, size: int) -> None:
        if self.full or size > LARGEST_FILE:
            raise FileProblem(NO_SPACE)
