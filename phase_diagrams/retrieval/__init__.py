"""Retrieval of real images by Hebbian networks.

`load` reads the files in which MNIST and its relatives are published, `retrieve` learns them.

========================================= ==================================================
`phase_diagrams.retrieval.idx`            published image sets in files
`phase_diagrams.retrieval.packed`         files raw or compressed, read within bounds
`phase_diagrams.retrieval.idx_format`     the IDX format
`phase_diagrams.retrieval.numpy_files`    npy and npz
`phase_diagrams.retrieval.label_files`    labels in text and tables
`phase_diagrams.retrieval.labels`         labels of any kind as numbers or words
`phase_diagrams.retrieval.pictures`       pictures of any form as grey levels
`phase_diagrams.retrieval.images`         classes, held-out images, archetypes and corruption
`phase_diagrams.retrieval.binarisation`   from grey levels to spins
`phase_diagrams.retrieval.retrieving`     networks of several orders, from one corrupted cue
`phase_diagrams.retrieval.outcome`        what was learnt, shown and brought back
`phase_diagrams.retrieval.figure`         what was shown, and what the networks made of it
========================================= ==================================================
"""

from .idx import load, read_images, read_labels
from .outcome import RETRIEVED, Retrieval
from .retrieving import network, retrieve

__all__ = [
    "RETRIEVED",
    "Retrieval",
    "load",
    "network",
    "read_images",
    "read_labels",
    "retrieve",
]
