"""The three settings tables; an unset key reads as the word ``null``."""

from __future__ import annotations

from collections.abc import Mapping

NAMESPACES = ("system", "secure", "global")


class Settings:
    """Values by namespace and key; users beside 0 have tables of their own for system and secure."""

    def __init__(self, initial: Mapping[str, Mapping[str, str]]) -> None:
        self._tables: dict[tuple[str, int], dict[str, str]] = {
            (namespace, 0): dict(initial.get(namespace, {})) for namespace in NAMESPACES
        }

    def get(self, namespace: str, key: str, user: int = 0) -> str | None:
        """Read a value; None where it was never set."""
        return self._table(namespace, user).get(key)

    def put(self, namespace: str, key: str, value: str, user: int = 0) -> None:
        """Set a value."""
        self._table(namespace, user)[key] = value

    def delete(self, namespace: str, key: str, user: int = 0) -> bool:
        """Remove a value; tells whether there was one."""
        return self._table(namespace, user).pop(key, None) is not None

    def table(self, namespace: str, user: int = 0) -> Mapping[str, str]:
        """Give a whole table."""
        return self._table(namespace, user)

    def _table(self, namespace: str, user: int) -> dict[str, str]:
        owner = 0 if namespace == "global" else user
        return self._tables.setdefault((namespace, owner), {})
