"""The policies that a desk can use: the force's own first, then those that ship; compiled for a person on demand."""

from __future__ import annotations

from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.policy.compilation import compile_policy
from provisioning.policy.effective import EffectivePolicy, Person
from provisioning.policy.load import Origin, load_policy, policy_names, policy_origin
from provisioning.policy.policy import Policy


class PolicyShelf:
    """Finds policies by name. ``own`` is the folder of the force's own policies, if there is one."""

    def __init__(self, own: Path | None) -> None:
        self._folders = [] if own is None else [own]

    def names(self) -> list[str]:
        """Give the names of all policies, sorted."""
        return policy_names(self._folders)

    def origin(self, name: str) -> Origin:
        """Say whose policy is meant by a name."""
        return policy_origin(name, self._folders)

    def policy(self, name: str) -> Policy:
        """Load a policy. Raises UsageError where there is none of that name, FileError where its file is wrong."""
        return load_policy(name, self._folders)

    def effective(self, name: str, catalogue: Catalogue, person: Person | None = None) -> EffectivePolicy:
        """Compile a policy for a person, or for nobody in particular. Raises as :meth:`policy`."""
        return compile_policy(self.policy(name), catalogue, person)
