"""Retrieval of real images by Hebbian networks.

========================================= ==================================================
`phase_diagrams.retrieval.idx`            published image sets in IDX files
`phase_diagrams.retrieval.images`         classes, held-out images, archetypes and corruption
`phase_diagrams.retrieval.binarisation`   from grey levels to spins
`phase_diagrams.retrieval.retrieving`     networks of several orders, from one corrupted cue
`phase_diagrams.retrieval.figure`         what was shown, and what the networks made of it
========================================= ==================================================
"""

from .retrieving import RETRIEVED, Retrieval, network, retrieve

__all__ = ["RETRIEVED", "Retrieval", "network", "retrieve"]
