"""Retrieve an image that was not learnt from a corrupted cue.

Reads images and labels from the files in which MNIST and its relatives are published (IDX, npy,
npz; raw, gzip, xz or bzip2; labels also from text and tables), makes one archetype per class from
its examples, corrupts an image that is not among them and lets one network of every order, or of
another model, run from there. Prints the overlaps of the image, of the cue
and of every final state with the archetypes; writes a figure, in the format of the suffix of
--out, or as PDF and PNG without one.

A network of order P forgets a cue of overlap m0 at temperatures T where
tanh((P/2) m0^(P-1) / T) < m0: four bodies at T = 0.1 need m0 > 0.23. Real cues have less.

For example:
  hebbian retrieve --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz
  hebbian retrieve --images I.gz --labels L.gz --class 3 --corruption 0.1 --seed 5 --json
  hebbian retrieve --images I.gz --labels L.gz --threshold 127 --rule supervised
  hebbian retrieve --images I.gz --labels L.gz --orders 2 --model dreaming --sleep inf
  hebbian retrieve --images mnist.npz:x_test --labels mnist.npz:y_test
  hebbian retrieve --images faces.npy --labels people.csv:name --class Ada
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .networks import NUMBERS
from .options import add_flags
from .output import print_json
from .values import number

if TYPE_CHECKING:
    from hebbian import Model
    from phase_diagrams.retrieval import Retrieval

NAME = "retrieve"
HELP = "retrieve a corrupted image with networks learnt from real images"

_TRANSPOSED: dict[str, bool | str] = {"yes": True, "no": False, "auto": "auto"}
_WHY = {
    "yes": "stored transposed, as --transposed says",
    "auto": "EMNIST stores them transposed, and the file has its name (else --transposed no)",
}
_METHODS = ("projected", "whitened", "median")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""

    def add(flag: str, metavar: str, text: str, **options: Any) -> None:
        parser.add_argument(flag, metavar=metavar, help=text, **options)

    add("--images", "FILE", "IDX, npy or npz; FILE:NAME for one array of several", required=True)
    add(
        "--labels",
        "FILE",
        "of their labels: likewise, or text with one label a line, or a table, FILE:COLUMN",
        required=True,
    )
    add(
        "--transposed",
        "yes|no|auto",
        "whether pictures are stored with rows and columns interchanged (default auto: in files "
        "with the names of EMNIST)",
        nargs="?",
        const="yes",
        default="auto",
    )
    add("--shape", "ROWS,COLUMNS", "where the file has rows of pixels (default: squares)",
        type=_list)  # fmt: skip
    add("--n-examples", "M", "examples per class (default 80)", type=number, default=80)
    add(
        "--rule",
        "NAME",
        "storing (default: the majority of the examples of a class), supervised (their sum) "
        "or unsupervised (every example by itself)",
        default="storing",
    )
    add(
        "--orders",
        "P,P",
        "orders, 2 is Hopfield (default 2,4; with --model none)",
        type=_list,
    )
    add("--model", "NAME", "one more network: dreaming, exponential, sparsedistributed, ...")
    for name in ("sleep", "sharpness", "radius"):
        metavar, text = NUMBERS[name]
        add(f"--{name}", metavar, f"with --model: {text}", type=number)
    add(
        "--threshold",
        "METHOD",
        "where a spin is +1: projected (default: random projections of the whitened pixels "
        "above their median), whitened (whitened pixels above their median), median (pixels "
        "above their median), or a grey level in [0, 255)",
        type=_threshold,
        default="projected",
    )
    add(
        "--corruption",
        "C",
        "fraction of the spins reversed, in [0, 1] (default 0.2)",
        type=number,
        default=0.2,
    )
    add(
        "--held-out",
        "INDEX",
        "number of the image to retrieve, from 0 (default automatic: drawn by --seed)",
        type=_index,
    )
    add("--class", "C", "class of the image to retrieve, a number or a word", dest="label")
    add("--classes", "C,C", "classes to learn (default all)", type=lambda text: text.split(","))
    add("--n-classes", "N", "labels must be 0 to N - 1 (default: any)", type=number)
    add("--T", "T", "temperature in [0, inf) (default 0)", type=number, default=0.0)
    add("--sweeps", "N", "length of the dynamics (default 20)", type=number, default=20)
    add("--seed", "N", "of examples, image, cue, dynamics (default 0)", type=number, default=0)
    add("--backend", "NAME", "auto (default), numba, cupy or reference", default="auto")
    add(
        "--out",
        "NAME",
        "figure with the suffix of its format; without one NAME.pdf and NAME.png (default "
        "retrieval)",
        default="retrieval",
    )
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Retrieve, write the figure, print the overlaps."""
    from hebbian import domain
    from phase_diagrams import retrieval
    from phase_diagrams.figures import files as figure_files
    from phase_diagrams.retrieval import figure as retrieval_figure
    from phase_diagrams.retrieval import idx

    figure_files.paths(args.out)
    model = _model(args)
    orders = args.orders if args.orders is not None else [2, 4] if model is None else []
    transposed = _TRANSPOSED[domain.choice("transposed", args.transposed, _TRANSPOSED)]
    images, labels = idx.load(
        args.images, args.labels, args.n_classes, transposed=transposed, shape=args.shape
    )
    turned = idx.stored_transposed(args.images) if transposed == "auto" else bool(transposed)
    result = retrieval.retrieve(
        images,
        labels,
        n_examples=args.n_examples,
        rule=args.rule,
        orders=orders,
        model=model,
        threshold=args.threshold,
        corruption=args.corruption,
        held_out=args.held_out,
        label=args.label,
        classes=args.classes,
        T=args.T,
        sweeps=args.sweeps,
        seed=args.seed,
        backend=args.backend,
    )
    written = figure_files.save(retrieval_figure.draw(result), args.out, retrieval_figure.STYLE)
    if args.json:
        files = {"images": args.images, "labels": args.labels, "transposed": turned}
        print_json({**files, **result.report(), "figure": [str(path) for path in written]})
    else:
        said = [f"pictures turned: {_WHY[args.transposed]}"] if turned else []
        print("\n".join([*said, *_table(result), "", *map(str, written)]))
    return 0


def _table(result: Retrieval) -> list[str]:
    from phase_diagrams.retrieval import RETRIEVED

    report = result.report()
    overlaps = report["overlaps"]
    columns = {"image": overlaps["image"], "cue": overlaps["cue"]}
    columns |= {_name(network): final for network, final in overlaps["final"].items()}
    data = "quality not measurable"
    if report["quality"] is not None:
        data = f"quality {report['quality']:.3f}, entropy {report['dataset_entropy']:.4f}"
    classes = [" ".join(str(label).split()) for label in report["classes"]]
    first = max(5, *map(len, classes))
    width = max(9, *(len(name) + 2 for name in columns))
    lines = [
        f"image {report['held_out']} of class {report['class']}, {report['corruption']:.0%} of "
        f"{report['n_spins']} spins reversed; T = {report['T']:g}, {report['sweeps']} sweeps",
        f"{len(report['classes'])} classes, {report['n_examples']} examples each: rule "
        f"{report['rule']}, threshold {report['threshold']}",
        f"archetypes overlap by {report['archetype_overlap_rms']:.3f} (rms); data set: {data}",
        "",
        "class".ljust(first) + "".join(name.rjust(width) for name in columns),
    ]
    for row, label in enumerate(classes):
        numbers = "".join(f"{values[row]:{width}.3f}" for values in columns.values())
        lines.append(f"{label:>{first}}{numbers}")
    lines.append("")
    for network, nearest in report["nearest"].items():
        final, example = overlaps["final"][network], report["nearest_example"][network]
        outcome = f"(overlap {max(final):.3f})"
        if report["retrieved"][network] is not None:
            right = "right" if nearest == report["class"] else "wrong"
            outcome = f"class {nearest}, {right} {outcome}"
        elif example["overlap"] > RETRIEVED:
            outcome = f"an example of class {example['class']} (overlap {example['overlap']:.3f})"
        elif min(final) < -RETRIEVED:
            reverse = report["classes"][final.index(min(final))]
            outcome = f"the reverse of class {reverse} (overlap {min(final):.3f})"
        else:
            outcome = f"no class, nearest {nearest} {outcome}"
        lines.append(f"{_name(network)} retrieves {outcome}")
    return lines


def _model(args: argparse.Namespace) -> Model | None:
    """Return the network that --model names."""
    from hebbian import Model

    given = {name: getattr(args, name) for name in ("sleep", "sharpness", "radius")}
    parameters = {name: value for name, value in given.items() if value is not None}
    if args.model is not None:
        return Model.build({"model": args.model, **parameters})
    for name in parameters:
        raise ValueError(f"--{name} needs --model")
    return None


def _name(network: str) -> str:
    return f"P = {network}" if network.isdigit() else network


def _list(text: str) -> list[int | float]:
    return [number(part) for part in text.split(",")]


def _index(text: str) -> int | float | None:
    return None if text == "automatic" else number(text)


def _threshold(text: str) -> str | int | float:
    return text if text in _METHODS else number(text)
