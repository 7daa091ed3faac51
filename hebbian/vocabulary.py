"""The names of the field: one table for attributes, axis labels and documentation."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["COORDINATES", "QUANTITIES", "Quantity"]

#: Names of axes and of what is fixed along them.
COORDINATES = (
    "alpha", "T", "order", "sharpness", "radius", "n_neurons", "n_patterns", "dilution", "quality",
    "n_examples", "sleep", "signal", "teacher_temperature", "n_spins", "start", "t", "sample",
    "replica", "point", "pattern", "layer", "round",
)  # fmt: skip


class Quantity(NamedTuple):
    """A coordinate or an observable.

    Parameters
    ----------
    symbol : str
        LaTeX, without dollar signs.
    long_name : str
        Words for an axis.
    definition : str
        One sentence.
    """

    symbol: str
    long_name: str
    definition: str


QUANTITIES: dict[str, Quantity] = {
    "alpha": Quantity(
        r"\alpha",
        "load",
        "alpha = (P!/2) K / N^(P-1), K/N for P = 2, K the examples of a teacher; ln K / N of "
        "exponential and sparse distributed memories; K over the geometric mean of the sizes of "
        "the layers of an assembly",
    ),
    "T": Quantity("T", "temperature", "T = 1/beta with weight exp(-beta H), k_B = 1"),
    "order": Quantity("P", "interaction order", "number of spins in an interaction"),
    "sharpness": Quantity(
        r"\lambda", "sharpness", "of the exponentials of the overlaps M: exp(lambda M)"
    ),
    "radius": Quantity(
        r"\delta", "radius", "Hamming distance within which a neuron is active, over N"
    ),
    "n_neurons": Quantity("r", "number of neurons", "hard neurons at random addresses"),
    "n_patterns": Quantity("K", "number of patterns", "archetypes of the network"),
    "alpha_effective": Quantity(
        r"\alpha_K", "load that was simulated", "load of the whole number K of patterns"
    ),
    "dilution": Quantity("d", "dilution", "probability of a blank pattern entry"),
    "quality": Quantity("r", "data quality", "P(chi = +-1) = (1 +- r)/2 per example entry"),
    "n_examples": Quantity("M", "number of examples", "examples per archetype"),
    "sleep": Quantity(
        r"t_{\rm sleep}", "sleep", "of the couplings; inf is the pseudo-inverse of the patterns"
    ),
    "signal": Quantity(
        "w",
        "signal",
        "of weak examples: N r^2 at order 2, r their quality; at higher orders 1/T of the teacher",
    ),
    "teacher_temperature": Quantity("T^*", "temperature of the teacher", "1/beta*, k_B = 1"),
    "n_spins": Quantity("N", "number of spins", "size of the network"),
    "t": Quantity("t", "time", "sweeps, or parallel steps, since the start"),
    "sample": Quantity("s", "disorder sample", "independent draw of patterns and examples"),
    "replica": Quantity("a", "replica", "independent run on one disorder sample"),
    "point": Quantity("j", "point", "number of a scattered point"),
    "pattern": Quantity(r"\mu", "pattern", "index of an archetype"),
    "layer": Quantity("A", "layer", "number of a layer of an assembly"),
    "m": Quantity("m", "Mattis magnetization", "m_mu = (1/N) sum_i xi_i^mu s_i"),
    "n": Quantity(
        "n", "example overlap", "overlap with the normalised example average; m at r = 1"
    ),
    "m_sorted": Quantity(
        r"m_{(k)}", "sorted magnetization", "|m_mu| of a chain's means over time, largest first"
    ),
    "n_sorted": Quantity(
        r"n_{(k)}", "sorted example overlap", "|n_mu| of a chain's means over time, largest first"
    ),
    "q": Quantity("q", "replica overlap", "q = (1/N) sum_i s_i^a s_i^b of two replicas"),
    "energy": Quantity("e", "energy per spin", "H/N"),
    "free_energy": Quantity("f", "free energy per spin", "f = -(T/N) E ln Z"),
    "replicon": Quantity(
        r"\lambda_{\rm R}", "replicon eigenvalue", "replica symmetry is stable where positive"
    ),
    "acceptance": Quantity("A", "flip rate", "spin flips per attempted update"),
    "tau": Quantity(
        r"\tau", "integrated autocorrelation time", "of m, in sweeps: 1 + 2 sum of correlations"
    ),
    "n_eff": Quantity(r"n_{\rm eff}", "effective number of measurements", "n / (tau / stride)"),
    "tau_m": Quantity(
        r"\tau_m", "autocorrelation time of m", "integrated, in sweeps, of every pattern"
    ),
    "tau_energy": Quantity(
        r"\tau_e", "autocorrelation time of the energy", "integrated, in sweeps"
    ),
    "rhat": Quantity(r"\hat R", "split R-hat", "of m, the largest of the samples"),
    "susceptibility": Quantity(
        r"\chi", "susceptibility", "chi = (N/T) [<m^2> - <m>^2], response of m to its own field"
    ),
    "specific_heat": Quantity("c", "specific heat", "c = (N/T^2) [<e^2> - <e>^2] per spin"),
    "binder": Quantity("U", "Binder cumulant", "U = 1 - [<m^4>] / (3 [<m^2>]^2)"),
    "binder_q": Quantity(
        "U_q", "Binder cumulant of the replica overlap", "U_q = 1 - [<q^4>] / (3 [<q^2>]^2)"
    ),
    "escaped": Quantity(
        r"p_{\rm esc}", "escaped fraction", "chains that ended in no pattern at all"
    ),
    "switched": Quantity(
        r"p_{\rm sw}", "switched fraction", "chains that ended in another pattern than their first"
    ),
    "largest_overlap": Quantity(
        r"m_{\rm max}",
        "largest overlap",
        "max over all patterns of |m_mu|, with its sign where the order is odd",
    ),
    "worst_layer": Quantity(
        r"\min_A m_A", "worst layer", "min over layers of the overlap with an archetype"
    ),
    "softmax_weight": Quantity(
        r"p_\mu", "softmax weight", "p_mu = exp(lambda M_mu) / sum_nu exp(lambda M_nu)"
    ),
    "participation": Quantity(
        r"1/\sum p^2",
        "participation ratio",
        "1 / sum_mu p_mu^2 of the softmax weights: patterns that share them",
    ),
    "least_stability": Quantity(
        r"\kappa_{\rm min}",
        "least stability",
        "min over i of s_i h_i / sqrt(sum_j J_ij^2), couplings of pairs",
    ),
    "phase": Quantity(r"\varphi", "phase", "thermodynamic phase"),
    "status": Quantity("", "status", "0 pending, 1 done, 2 failed, 3 damaged"),
    "converged": Quantity("", "converged", "whether the solver met its tolerance"),
    "residual": Quantity("", "residual", "largest change of an order parameter at the solution"),
}
