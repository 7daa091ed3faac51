"""Numbers and identities of assemblies: layers of networks that store patterns together."""

from __future__ import annotations

from functools import partial

import numpy as np

import theory
from hebbian import BAM, TAM, Assembly, Hopfield, Supervised, Unsupervised

from .entries import Entry

__all__ = ["identities", "numbers"]

TWO = "arXiv:2211.09694, replica symmetry; second solver"
MANY = "arXiv:2409.08151, arXiv:2501.16789, replica symmetry; second solver"

FOUR = Assembly(couplings=tuple(map(tuple, (1.0 - np.eye(4)).tolist())))
ONE = Assembly(couplings=((1.0,),))


def numbers() -> list[Entry]:
    """Return the numbers."""
    load, glass = theory.critical_load, theory.glass_temperature
    found = [
        Entry("alpha_c of two equal layers, T = 0", TWO, 0.19980154, 1e-8, partial(load, BAM())),
        *(Entry(f"alpha_c of two layers, sqrt(N1/N2) = {ratio:g}, T = 0", TWO, value, 5e-7,
                partial(load, BAM(sizes=(ratio**2, 1))))
          for ratio, value in ((1.2, 0.197791), (2.0, 0.171911))),
        Entry("alpha_c of four equal layers, T = 0", MANY, 0.465171, 5e-7, partial(load, FOUR)),
        Entry("T_g of two equal layers at alpha = 0.1", TWO, 1.224745, 5e-7,
              partial(glass, BAM(), 0.1)),
        Entry("T_g of three equal layers at alpha = 0.1", MANY, 2.366227, 5e-7,
              partial(glass, TAM(), 0.1)),
    ]  # fmt: skip
    for model, T, m, q, source in (
        (BAM(), 0.4, 0.945737, 0.906763, TWO), (TAM(), 0.6, 0.991728, 0.983969, MANY),
    ):  # fmt: skip
        for name, value in (("m", m), ("q", q)):
            what = f"{name} of {model.n_layers} equal layers, alpha = 0.1, T = {T}"
            found.append(Entry(what, source, value, 5e-7, partial(_of_state, model, T, name)))
    return found


def _of_state(model: Assembly, T: float, name: str) -> float:
    return float(getattr(theory.solve(model, alpha=0.1, T=T), name)[0])


def identities() -> list[Entry]:
    """Return the identities."""
    learnt = [kind(quality=0.7, n_examples=5) for kind in (Supervised, Unsupervised)]
    models = [TAM(sizes=(1, 2, 3)), *(BAM(sizes=(1, 2), rule=rule) for rule in learnt)]
    return [
        *(_energy(model) for model in models),
        *(_one_layer(name) for name in ("m", "q", "free_energy", "replicon")),
        Entry("T_M at alpha = 0 of layers 1 : 2 : 3 - largest eigenvalue of G g",
              "low load", 0.0, 1e-12, _low_load),
    ]  # fmt: skip


def _energy(model: Assembly) -> Entry:
    def ours() -> float:
        step, T = 1e-4, 0.4
        beta = 1 / T + np.array([-2, -1, 1, 2]) * step
        s = theory.solve(model, alpha=0.02, T=1 / beta)
        slope = float(np.dot(beta * s.free_energy, [1, -8, 8, -1]) / (12 * step))
        return slope - float(theory.solve(model, alpha=0.02, T=T).energy)

    what = f"d(beta f)/d beta - energy, {model}, alpha = 0.02, T = 0.4"
    return Entry(what, "thermodynamics", 0.0, 1e-9, ours)


def _one_layer(name: str) -> Entry:
    def ours() -> float:
        alpha, T = np.array([0.01, 0.05, 0.1])[:, None], np.array([1e-3, 0.1, 0.3])
        one, known = (
            np.asarray(getattr(theory.solve(model, alpha=alpha, T=T), name))
            for model in (ONE, Hopfield())
        )
        return float(np.abs(one.reshape(known.shape) - known).max())

    return Entry(f"{name} of one layer - that of the Hopfield network", "definition", 0.0, 1e-10,
                 ours)  # fmt: skip


def _low_load() -> float:
    model = TAM(sizes=(1, 2, 3))
    top = np.linalg.eigvals(model.matrix * model.shares).real.max()
    return float(theory.spinodal_temperature(model, 0.0)) - float(top)
