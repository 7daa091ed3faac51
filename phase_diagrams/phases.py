"""Names of the thermodynamic phases, as CF flags."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["Phase"]


class Phase(IntEnum):
    """Phase of one point of a diagram.

    With a load: `RETRIEVAL` where it is the global minimum of the free energy, `METASTABLE`
    where it is a local one, `GLASS` and `PARAMAGNET` elsewhere; an assembly retrieves where all
    of its layers do, a sequence where it is replayed; a student that knows its teacher, or has kept
    the example that it started from, is in retrieval, too.  Retrieval is that of any pattern: where
    they are exponentially many, as in `Exponential`, the entropy of their number counts
    (`theory.transition_load`).  There the paramagnet is `CONDENSED` where few patterns, the
    nearest to a configuration, make its energy (`theory.condensation_load`); its spins are as
    free.  Of a multitasking network, the state of lowest free energy: `ERGODIC` without overlaps,
    `PURE` with one, `HIERARCHICAL` with several, all different, `PARALLEL` with all patterns
    equal, `MIXED` with any other coincidence.  `UNKNOWN` where nothing converged.
    """

    UNKNOWN = 0
    PARAMAGNET = 1
    GLASS = 2
    METASTABLE = 3
    RETRIEVAL = 4
    ERGODIC = 5
    PURE = 6
    HIERARCHICAL = 7
    PARALLEL = 8
    MIXED = 9
    CONDENSED = 10

    @classmethod
    def flags(cls) -> dict[str, object]:
        """Return the CF attributes ``flag_values`` and ``flag_meanings``."""
        return {
            "flag_values": np.array([phase.value for phase in cls], np.int8),
            "flag_meanings": " ".join(phase.name.lower() for phase in cls),
        }

    @classmethod
    def of_label(cls, label: str) -> Phase:
        """Return the phase of a state that `theory` names.

        Examples
        --------
        >>> Phase.of_label("hierarchical-2").name, Phase.of_label("mixed:aab").name
        ('HIERARCHICAL', 'MIXED')
        """
        word = label.partition(":")[0].partition("-")[0]
        return cls[word.upper()] if word else cls.UNKNOWN

    @property
    def text(self) -> str:
        """Word for a figure."""
        longer = {Phase.METASTABLE: "metastable retrieval", Phase.CONDENSED: "condensed paramagnet"}
        return longer.get(self, self.name.lower())
