"""The figure of a retrieval: what was shown, what the networks made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phase_diagrams.figures import frames

from .outcome import Retrieval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["STYLE", "draw"]

STYLE = {**frames.STYLE, "axes.titlesize": 7, "legend.fontsize": 6}
_IMAGE_COLUMNS = 5
_LONGEST_NAME = 20  # letters; more would push the pictures apart


def draw(result: Retrieval) -> Figure:
    """Draw the image, the cue, snapshots of every network and its overlaps in time.

    Spins are shown as `Binarisation.picture` says; what takes no part is grey.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    networks, label = list(result.trajectories), _class(result.chosen.label)
    sweeps = len(result.trajectories[networks[0]])
    steps = sorted({round(sweeps ** (k / 3)) for k in range(4)})
    with rc_context(STYLE):
        rows = 1 + len(networks)
        fig = Figure(figsize=(7.0, 1.25 * rows), layout="constrained")
        widths = [1.0] * _IMAGE_COLUMNS + [1.9]
        axes = fig.subplots(rows, _IMAGE_COLUMNS + 1, squeeze=False, width_ratios=widths)
        for ax in axes[:, :_IMAGE_COLUMNS].flat:
            ax.set_axis_off()
        own = result.archetypes[result.chosen.classes.index(result.chosen.label)]
        _show(axes[0, 0], result.grey, f"held-out image\n(class {label})")
        corruption = f"cue: {result.settings['corruption']:.0%}\nreversed"
        top = {"its spins": result.image, corruption: result.cue, f"archetype {label}": own}
        for ax, (title, spins) in zip(axes[0, 1:], top.items(), strict=False):
            _show_spins(ax, result, spins, title)
        _bars(axes[0, -1], result)
        for line, network in zip(axes[1:], networks, strict=True):
            states = result.trajectories[network]
            for ax, step in zip(line, steps, strict=False):
                _show_spins(ax, result, states[step - 1], f"{_name(network)}, sweep {step}")
            nearest = result.nearest(network)
            archetype = result.archetypes[result.chosen.classes.index(nearest)]
            _show_spins(line[_IMAGE_COLUMNS - 1], result, archetype, f"nearest: {_class(nearest)}")
            _curves(line[-1], result, network)
        axes[-1, -1].set_xlabel("sweep")
    return fig


def _show(ax: Axes, picture: np.ndarray, title: str) -> None:
    ax.imshow(picture, cmap="gray", interpolation="nearest")
    ax.set_title(title)


def _show_spins(ax: Axes, result: Retrieval, spins: np.ndarray, title: str) -> None:
    picture = result.binarisation.picture(spins).reshape(result.grey.shape)
    ax.imshow(picture, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
    ax.set_title(title)


def _bars(ax: Axes, result: Retrieval) -> None:
    place = np.arange(len(result.chosen.classes))
    for shift, name, spins, colour in (
        (-0.2, "image", result.image, "0.7"),
        (0.2, "cue", result.cue, "0.2"),
    ):
        ax.bar(place + shift, result.overlaps(spins), 0.4, color=colour, label=name)
    ax.axhline(0, color="black", linewidth=0.5)
    names = [_class(c) for c in result.chosen.classes]
    ax.set_xticks(place, names, rotation=90 if max(map(len, names)) > 2 else 0)
    ax.set_ylabel("overlap with\narchetype")
    _legend(ax)


def _curves(ax: Axes, result: Retrieval, network: int | str) -> None:
    states = np.vstack([result.cue, result.trajectories[network]])
    curves = result.overlaps(states)
    nearest = result.nearest(network)
    for c, curve in zip(result.chosen.classes, curves.T, strict=True):
        if c in (result.chosen.label, nearest):
            right = c == result.chosen.label
            colour = "tab:blue" if right else "tab:red"
            name = f"class {_class(c)} (shown)" if right else f"class {_class(c)}"
            ax.plot(curve, color=colour, linewidth=1.4, zorder=3, label=name)
        else:
            ax.plot(curve, color="0.75", linewidth=0.6)
    ax.set(ylim=(min(-0.3, curves.min()) - 0.05, 1.08), ylabel=rf"$m_\mu$ ({_name(network)})")
    _legend(ax)


def _name(network: int | str) -> str:
    return f"$P={network}$" if isinstance(network, int) else network


def _class(label: int | str) -> str:
    """Return a label as it may stand in a figure: short, in one line, no formula."""
    text = " ".join(str(label).split())
    text = text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 3] + "..."
    return text.replace("$", r"\$")


def _legend(ax: Axes) -> None:
    """Name the curves above the axes, where they hide nothing."""
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
