"""The replica-symmetric free energies as printed, evaluated slowly.

Written from the functionals in (n, q) for P >= 3 and (n, q, r) for P = 2, with the example
law summed or integrated as it stands and dense trapezoid rules for every Gaussian.  Shares
no code with `theory`.
"""

import numpy as np
from scipy.stats import binom

X = np.linspace(-11, 11, 4001)
DX = np.exp(-(X**2) / 2) * (X[1] - X[0]) / np.sqrt(2 * np.pi)


def example_points(model, law, n_points=241):
    """Points and weights of u = (example mean) / sqrt(R)."""
    r, m = model.rule.quality, model.rule.n_examples
    if law == "gaussian":
        rho = (1 - r**2) / (m * r**2)
        z, step = np.linspace(-9, 9, n_points, retstep=True)
        weight = np.exp(-(z**2) / 2) * step / np.sqrt(2 * np.pi)
        return (1 + np.sqrt(rho) * z) / np.sqrt(1 + rho), weight
    k = np.arange(m + 1)
    weight = binom.pmf(k, m, (1 + r) / 2)
    scale = np.sqrt(r**2 + (1 - r**2) / m)
    return ((2 * k - m) / m / scale)[weight > 0], weight[weight > 0]


def unsupervised(model):
    return type(model.rule).__name__ == "Unsupervised"


def spectrum(model):
    """Multiplicity and eigenvalue of the covariance of a class, P = 2."""
    if not unsupervised(model):
        return [(1, 1.0)]
    r, m = model.rule.quality, model.rule.n_examples
    return [(1, 1.0), (m - 1, (1 - r**2) / (m * r**2 + 1 - r**2))]


def covariance(model):
    """Weights {k: w_k kappa_k} of the noise kernel, P >= 3, by expansion in Hermite polynomials."""
    order = model.order
    if model.indices == "distinct":
        weights = {order: 1.0}
    else:
        power = np.zeros(order + 1)
        power[order] = 1
        hermite = np.polynomial.hermite_e.poly2herme(power)
        factorial = np.cumprod([1.0, *range(1, order + 1)])
        weights = {
            k: c**2 * factorial[k] / factorial[order] for k, c in enumerate(hermite) if k and c
        }
    if unsupervised(model):
        r, m = model.rule.quality, model.rule.n_examples
        big_r = r**2 + (1 - r**2) / m
        weights = {
            k: w * (r ** (2 * k) + (1 - r ** (2 * k)) / m) / big_r**order
            for k, w in weights.items()
        }
    return weights


def site_average(function, model, law, signal, variance, T):
    """E_u E_x function(h/T, u), h = signal u + sqrt(variance) x."""
    u, weight = example_points(model, law)
    h = (signal * u[:, None] + np.sqrt(variance) * X) / T
    return float(weight @ (function(h, u[:, None]) @ DX))


def log_cosh(h, _=None):
    return np.logaddexp(h, -h) - np.log(2)


def free_energy(model, law, alpha, T, n, q, r=None):
    """The functional of f per spin; n is n tilde, r the conjugate of q at P = 2."""
    beta, order = 1 / T, model.order
    signal = order / 2 * n ** (order - 1)
    if order == 2:
        a = np.log(2) + site_average(log_cosh, model, law, signal, alpha * r, T)
        a -= beta * n**2 / 2 + alpha * beta**2 * r * (1 - q) / 2
        for g, v in spectrum(model):
            gap = 1 - beta * v * (1 - q)
            a -= alpha / 2 * g * (np.log(gap) - beta * v * q / gap + beta * v)
        return -T * a
    weights = covariance(model).items()
    variance = alpha / 2 * sum(k * w * q ** (k - 1) for k, w in weights)
    a = np.log(2) + site_average(log_cosh, model, law, signal, variance, T)
    a -= beta * (order - 1) / 2 * n**order
    a += beta**2 * alpha / 4 * sum(w * (1 - k * q ** (k - 1) + (k - 1) * q**k) for k, w in weights)
    return -T * a


def conjugate(model, T, q):
    """r at P = 2."""
    return sum(g * v**2 * q / (1 - v * (1 - q) / T) ** 2 for g, v in spectrum(model))


def gradient(model, law, alpha, T, n, q):
    """Derivatives of the functional in every order parameter, by central differences."""
    point = np.array([n, q] + ([conjugate(model, T, q)] if model.order == 2 else []))
    out = []
    for i in range(len(point)):
        step = 1e-4 * max(abs(point[i]), 0.1)
        values = [
            free_energy(
                model, law, alpha, T, *(x + s * step * (i == j) for j, x in enumerate(point))
            )
            for s in (-2, -1, 1, 2)
        ]
        out.append((values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step))
    return np.array(out)


def averages(model, law, alpha, T, n, q):
    """Return the site average of a function of (h/T, u) at (n, q), and I of the replicon."""
    order = model.order
    signal = order / 2 * n ** (order - 1)
    if order == 2:
        variance = alpha * conjugate(model, T, q)
        bend = sum(g * v**2 / (1 - v * (1 - q) / T) ** 2 for g, v in spectrum(model))
    else:
        weights = covariance(model).items()
        variance = alpha / 2 * sum(k * w * q ** (k - 1) for k, w in weights)
        bend = sum(k * (k - 1) / 2 * w * q ** (k - 2) for k, w in weights if k > 1)
    return lambda f: site_average(f, model, law, signal, variance, T), bend
