"""The organisation's supervision identity, asked for when a step first needs it and not before."""

from __future__ import annotations

import asyncio

from provisioning.apple.failures import IdentityMissing
from provisioning.enrolment_profile import EnrolmentProfile
from provisioning.errors import UsageError
from provisioning.organisation import Organisation, SupervisionIdentity


class SupervisionSource:
    """Asks the organisation for its identity in a thread (key stores block) and remembers it for this handset."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._identity: SupervisionIdentity | None = None

    async def needed(self) -> SupervisionIdentity:
        """Give the identity. Raises IdentityMissing with the sentence of settings or key store."""
        if self._identity is None:
            try:
                self._identity = await asyncio.to_thread(self._organisation.supervision)
            except UsageError as error:
                raise IdentityMissing(str(error)) from error
        return self._identity

    async def enrolment_profile(self) -> EnrolmentProfile | None:
        """Give the organisation's enrolment profile, if it has one. Raises IdentityMissing with the desk's sentence."""
        try:
            return await asyncio.to_thread(self._organisation.enrolment_profile)
        except UsageError as error:
            raise IdentityMissing(str(error)) from error

    async def if_any(self) -> SupervisionIdentity | None:
        """Give the identity, or None where this desk has none: then readings go as far as they can without."""
        try:
            return await self.needed()
        except IdentityMissing:
            return None
