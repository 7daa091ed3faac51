"""What the networks are: models, rules, patterns and the lowered form. numpy only.

============================  ==========================================================
`hebbian.model`               what every model is
`hebbian.hopfield`            Hopfield: pairwise Hebbian network
`hebbian.dense`               Dense: P-body interactions
`hebbian.multitasking`        Multitasking: diluted patterns, parallel retrieval
`hebbian.exponential`         Exponential: the logarithm of a sum of exponentials, attention
`hebbian.sparse_distributed`  SparseDistributed: patterns read from all neurons nearby
`hebbian.dreaming`            Dreaming: pairwise couplings that have slept, the pseudo-inverse rule
`hebbian.couplings`           Couplings: any real symmetric matrix, Sherrington-Kirkpatrick
`hebbian.assembly`            Assembly: layers that store patterns together; BAM, TAM
`hebbian.sequence`            Sequence: every pattern recalls the next one
`hebbian.teacher_student`     TeacherStudent: weak examples, drawn from the law of their teacher
`hebbian.strengths`           patterns of unequal strengths: Zipf, palimpsest, one's own
`hebbian.outer_product`       tokens of outer-product memories: frequencies, weights, classes
`hebbian.tabulated`           Tabulated: an interaction of one's own, a function of the overlaps
`hebbian.rules`               Storing, Supervised (with a teacher), Unsupervised
`hebbian.layout`              number, entries and bytes of the rows before they are drawn
`hebbian.patterns`            archetypes and noisy examples from counter-based streams
`hebbian.stratified`          diluted archetypes in the exact proportions of their law
`hebbian.datasets`            one disorder sample, random or from given data
`hebbian.packed`              rows kept as bits
`hebbian.memory`              the lowered form and its slow, obviously right energy
`hebbian.whole_couplings`     real couplings as whole numbers, so that no field drifts
`hebbian.pairs`               couplings of pairs: the matrix, its spectrum, stabilities
`hebbian.elimination`         quadratic forms of inverse matrices, the same bits for any threads
`hebbian.losses`              L+ and L- per pattern and per example, and the energy they make
`hebbian.streams`             random streams keyed by what they are
`hebbian.vocabulary`          names, symbols and definitions of all quantities
`hebbian.domain`              domains of parameters
`hebbian.documents`           JSON and TOML that are read back, within bounds (msgspec)
`hebbian.references`          objects of a user's modules by name
`hebbian.registry`            names of models and rules; models of other packages
`hebbian.locks`               files and folders that one process writes at a time
`hebbian.threads`             how many threads a run may use
`hebbian.result`              what computations return: numbers, settings, ways out
`hebbian.labels`              results as labelled data (xarray)
`hebbian.saved`               results in files, bit for bit
`hebbian.tables`              results in text and HTML
`hebbian.rooms`               what the four rooms show, and whether Python finds them
`hebbian.calling`             calls that cannot be meant as they stand
`hebbian.cards`               models and what else is set up, in HTML
`hebbian.provenance`          where a result comes from: versions, commit, command
`hebbian.promises`            what every model promises
`hebbian.testing`             whether one's own model keeps it
============================  ==========================================================
"""

from typing import TYPE_CHECKING, Any

from . import losses as losses
from . import rooms as rooms
from . import testing as testing
from .assembly import BAM, TAM, Assembly
from .couplings import Couplings, from_couplings
from .datasets import Dataset, draw, from_examples
from .dense import Dense
from .dreaming import Dreaming
from .exponential import Exponential
from .hopfield import Hopfield
from .memory import Memory
from .model import Model
from .multitasking import Multitasking
from .outer_product import zipf
from .pairs import coupling_spectrum, pair_couplings, stabilities
from .result import Result
from .rules import Rule, Storing, Supervised, Unsupervised
from .sequence import ExponentialSequence, Sequence
from .sparse_distributed import SparseDistributed
from .tabulated import Tabulated
from .teacher_student import TeacherStudent
from .vocabulary import QUANTITIES

if TYPE_CHECKING:
    from . import provenance as provenance

__version__ = "0.2.0"

rooms.warn()

__all__ = [
    "BAM",
    "QUANTITIES",
    "TAM",
    "Assembly",
    "Couplings",
    "Dataset",
    "Dense",
    "Dreaming",
    "Exponential",
    "ExponentialSequence",
    "Hopfield",
    "Memory",
    "Model",
    "Multitasking",
    "Result",
    "Rule",
    "Sequence",
    "SparseDistributed",
    "Storing",
    "Supervised",
    "Tabulated",
    "TeacherStudent",
    "Unsupervised",
    "coupling_spectrum",
    "draw",
    "from_couplings",
    "from_examples",
    "pair_couplings",
    "stabilities",
    "zipf",
]


if not TYPE_CHECKING:  # for those who type, only what is imported above is here

    def __getattr__(name: str) -> Any:
        return rooms.submodule(__name__, name)


def __dir__() -> list[str]:
    return rooms.members(__name__)
