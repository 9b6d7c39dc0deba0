"""The closed union of everything that a stage can say; ``ui`` has one sentence for each, or does not type-check."""

from __future__ import annotations

from provisioning.stages import apply, enrol, erase, identify, preflight, seal, trust, verify
from provisioning.walk import Interruption

Outcome = (
    identify.Outcome
    | trust.Outcome
    | erase.Outcome
    | preflight.Outcome
    | enrol.Outcome
    | apply.Outcome
    | verify.Outcome
    | seal.Outcome
    | Interruption
)
