"""Retrieval of images: the command, its files, its refusals, and the physics behind it."""

import dataclasses
import gzip
import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from hebbian import Dense, Hopfield, Storing, Supervised, Unsupervised, from_examples
from phase_diagrams.cli import main
from phase_diagrams.figures import files as figure_files
from phase_diagrams.retrieval import idx, retrieve
from phase_diagrams.retrieval.figure import draw
from phase_diagrams.retrieval.images import corrupt

N_CLASSES, SIDE, PER_CLASS = 4, 12, 14


@pytest.fixture(scope="module")
def pictures():
    """Four classes of blurred blots, each image with pixels of its own."""
    rng = np.random.default_rng(8)
    blur = np.exp(-0.4 * (np.arange(SIDE)[:, None] - np.arange(SIDE)) ** 2)
    blots = blur @ rng.standard_normal((N_CLASSES, SIDE, SIDE)) @ blur
    labels = np.tile(np.arange(N_CLASSES, dtype=np.uint8), PER_CLASS)
    noise = blur @ rng.standard_normal((len(labels), SIDE, SIDE)) @ blur
    grey = 127 + 30 * (blots[labels] + 0.7 * noise)
    return np.clip(grey, 0, 255).astype(np.uint8), labels


@pytest.fixture
def files(tmp_path, pictures):
    images, labels = pictures
    paths = tmp_path / "images.gz", tmp_path / "labels"
    paths[0].write_bytes(gzip.compress(struct.pack(">4I", 0x803, *images.shape) + images.tobytes()))
    paths[1].write_bytes(struct.pack(">2I", 0x801, len(labels)) + labels.tobytes())
    return paths


@pytest.fixture
def command(tmp_path, files):
    """Run ``hebbian retrieve`` on the files; the figure goes to tmp_path/out/figure."""
    (tmp_path / "out").mkdir()

    def run(*arguments, images=files[0], labels=files[1], stem="figure"):
        out = ["--out", str(tmp_path / "out" / stem)]
        data = ["--images", str(images), "--labels", str(labels), "--n-examples", "10"]
        return main(["retrieve", *data, *out, *map(str, arguments)])

    return run


def test_both_networks_retrieve(command, capsys, tmp_path):
    assert command("--json", "--class", 2) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["class"] == 2
    assert result["retrieved"] == {"2": 2, "4": 2}
    assert result["classes"] == [0, 1, 2, 3]
    for name, states in [("image", None), ("cue", None), ("final", "2"), ("final", "4")]:
        overlaps = result["overlaps"][name] if states is None else result["overlaps"][name][states]
        assert int(np.argmax(overlaps)) == 2
    assert result["overlaps"]["final"]["4"][2] > 0.98
    # Reversing a fifth of the spins at random leaves three fifths of every overlap.
    image, cue = (np.array(result["overlaps"][name]) for name in ("image", "cue"))
    np.testing.assert_allclose(cue, 0.6 * image, atol=5 / np.sqrt(result["n_spins"]))
    r = result["quality"]
    assert result["dataset_entropy"] == pytest.approx((1 - r**2) / (10 * r**2))
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert sorted(written) == ["figure.pdf", "figure.png"]
    assert written["figure.pdf"].startswith(b"%PDF")
    assert written["figure.png"].startswith(b"\x89PNG")
    assert result["figure"] == [str(tmp_path / "out" / name) for name in sorted(written)]


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (["--model", "dreaming", "--sleep", "inf"], "dreaming"),
        pytest.param(
            ["--model", "sparsedistributed", "--radius", "0.4"],
            "sparsedistributed",
            marks=pytest.mark.heavy,
        ),
    ],
)
def test_another_model_retrieves_beside_hopfield(flags, name, command, capsys):
    assert command("--json", "--class", 2, "--orders", "2", *flags) == 0
    result = json.loads(capsys.readouterr().out)
    assert [*result["overlaps"]["final"]] == ["2", name]
    assert result["model"]["model"] == name
    assert result["retrieved"][name] == 2
    assert command("--class", 2, *flags) == 0
    assert f"{name} retrieves class 2, right" in capsys.readouterr().out


def test_table(command, capsys):
    assert command("--held-out", 5, "--orders", "2,3", "--corruption", 0) == 0
    out = capsys.readouterr().out
    assert "image 5 of class 1, 0% of 4000 spins reversed" in out
    assert "P = 2 retrieves class 1, right" in out
    assert "P = 3 retrieves class 1, right" in out
    (header,) = (line for line in out.splitlines() if line.startswith("class"))
    assert header.split() == ["class", "image", "cue", "P", "=", "2", "P", "=", "3"]


@pytest.mark.heavy
def test_same_seed_same_bytes(command, capsys, tmp_path):
    outputs, figures = [], []
    for seed in (3, 3, 4):
        assert command("--json", "--seed", seed) == 0
        outputs.append(capsys.readouterr().out)
        figures.append([path.read_bytes() for path in sorted((tmp_path / "out").iterdir())])
    assert outputs[0] == outputs[1] != outputs[2]
    assert figures[0] == figures[1] != figures[2]


@pytest.mark.parametrize(
    "rule", ["storing", pytest.param("supervised", marks=pytest.mark.heavy), "unsupervised"]
)
def test_energy_falls_at_zero_temperature(pictures, rule):
    """The networks are those of `from_examples`, and H (exact integers) never rises."""
    result = retrieve(*pictures, n_examples=5, rule=rule, threshold="whitened", sweeps=4)
    given = {"quality": result.quality, "n_examples": 5}
    kinds = {"storing": Storing, "supervised": Supervised, "unsupervised": Unsupervised}
    made = kinds[rule](**({} if rule == "storing" else given))
    for order, model in ((2, Hopfield(rule=made)), (4, Dense(order=4, rule=made))):
        memory = from_examples(model, result.archetypes, result.examples).memory
        states = [result.cue, *result.trajectories[order]]
        energies = [memory.energy(state) for state in states]
        assert (np.diff(energies) <= 0).all()
        final = result.trajectories[order][-1]
        if (result.trajectories[order][-2] == final).all():
            costs = [memory.flip_cost(final, site) for site in range(0, len(final), 7)]
            assert min(costs) >= 0


def test_retrieval_is_what_it_says(pictures):
    images, labels = pictures
    result = retrieve(images, labels, n_examples=9, held_out=20, threshold=127, corruption=0.25)
    chosen = result.chosen
    assert (chosen.held_out, chosen.label) == (20, labels[20])
    assert 20 not in chosen.examples
    np.testing.assert_array_equal(result.image, np.where(images[20].ravel() > 127, 1, -1))
    assert (result.cue != result.image).sum() == round(0.25 * SIDE**2)
    majority = np.where(images[chosen.examples] > 127, 1, -1).sum(axis=1).reshape(N_CLASSES, -1)
    np.testing.assert_array_equal(result.archetypes, np.sign(majority))
    np.testing.assert_allclose(
        result.overlaps(result.cue), result.archetypes @ result.cue.astype(int) / SIDE**2
    )
    final = result.trajectories[4][-1].astype(int)
    label, overlap = result.example(4)
    best = (result.examples.astype(int) @ final).max(axis=1) / SIDE**2
    assert overlap == pytest.approx(best.max())
    assert label == best.argmax()


@pytest.mark.parametrize(("kept", "retrieved"), [(0.72, True), (0.68, False), (0.55, False)])
def test_a_class_is_retrieved_above_seven_tenths(pictures, kept, retrieved):
    """A state of a given overlap with one archetype: mixtures of three have one half."""
    result = retrieve(*pictures, n_examples=10, orders=[2], label=1, sweeps=1)
    state = corrupt(result.archetypes[1], (1 - kept) / 2)
    made = dataclasses.replace(result, trajectories={2: state[None]})
    assert made.overlaps(state)[1] == pytest.approx(kept, abs=1e-3)
    assert made.nearest(2) == 1
    assert made.retrieved(2) == (1 if retrieved else None)


def test_a_cue_is_forgotten_where_noise_wins(pictures):
    """tanh((P/2) m0^(P-1) / T) < m0: at T = 0.3 two bodies retrieve, four do not."""
    result = retrieve(*pictures, n_examples=10, label=1, corruption=0.3, T=0.3)
    m0 = result.overlaps(result.cue).max()
    assert np.tanh(m0 / 0.3) > m0
    assert np.tanh(2 * m0**3 / 0.3) < m0
    assert result.retrieved(2) == 1
    assert result.retrieved(4) is None
    assert np.abs(result.overlaps(result.trajectories[4][-1])).max() < 0.15


def test_one_example_per_class(pictures):
    """No quality can be measured, and the three rules are one network."""
    finals = []
    for rule in ("storing", "supervised", "unsupervised"):
        report = retrieve(*pictures, n_examples=1, rule=rule, label=0).report()
        assert report["quality"] is report["dataset_entropy"] is None
        finals.append(report["overlaps"]["final"])
    assert finals[0] == finals[1] == finals[2]
    assert max(finals[0]["2"]) > 0.9


def test_examples_that_agree_by_chance_have_no_quality():
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (40, 5, 5), dtype=np.uint8)
    images[20:] = 255 - images[:20]  # every image with its negative, in the same class
    labels = np.tile(np.repeat([0, 1], 10), 2)
    result = retrieve(images, labels, n_examples=19, threshold=127, held_out=0)
    assert np.isnan(result.quality)
    with pytest.raises(ValueError, match="no better than by chance"):
        retrieve(images, labels, n_examples=19, threshold=127, held_out=0, rule="supervised")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--images", "absent"], "absent"),
        (["--images", "."], "directory"),
        (["--n-examples", 14], "n_examples = 14: class"),
        (["--n-examples", "many"], "--n-examples: 'many' is not a number"),
        (["--n-examples", 2.5], "n_examples = 2.5 is not a whole number"),
        (["--rule", "guessing"], "rule = 'guessing' is not one of"),
        (["--orders", "2,2"], "name each order once"),
        (["--orders", "1"], "orders = 1 is outside"),
        (["--sleep", "1"], "--sleep needs --model"),
        (["--model", "dreaming", "--sleep", "-1"], "sleep = -1.0 is outside the allowed range"),
        (["--model", "bam"], "retrieves no images"),
        (["--model", "couplings"], "retrieves no images"),
        (["--orders", "2,x"], "--orders: 'x' is not a number"),
        (["--corruption", 1.5], "corruption = 1.5 is outside"),
        (["--held-out", 56], "held_out = 56 is outside"),
        (["--held-out", "best"], "--held-out: 'best' is not a number"),
        (["--class", 7], "class = 7 is not among 0, 1, 2, 3"),
        (["--classes", "2"], "two classes or more"),
        (["--held-out", 0, "--class", 1], "an image of class 0, not of 1"),
        (["--n-classes", 3], "label 3 of item 3 is outside [0, 2]"),
        (["--class", "cat"], "class = 'cat' is not a whole number"),
        (["--classes", "1,cat"], "class = 'cat' is not a whole number"),
        (["--transposed", "maybe"], "transposed = 'maybe' is not one of yes, no, auto"),
        (["--shape", "12"], "shape = [12] is not (rows, columns) of a picture"),
        (["--shape", "8,18"], "images of shape (56, 12, 12): they are not 8 x 18"),
        (["--T", -0.1], "T = -0.1 is outside"),
        (["--T", "nan"], "T = nan is outside"),
        (["--sweeps", 0], "sweeps = 0 is outside"),
        (["--seed", -1], "seed = -1 is outside"),
        (["--backend", "abacus"], "backend = 'abacus'"),
        (["--threshold", "blue"], "--threshold: 'blue' is not a number"),
        (["--threshold", 300], "threshold = 300.0 is outside"),
        (["--out", "nowhere/figure"], "there is no folder nowhere"),
        (["--out", ""], "is not the name of a figure"),
        (["--out", "figure.docx"], ".docx is not one of the formats .pdf, .png"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_refusals(command, capsys, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path / "out")
    assert command(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert says in printed.err
    assert list(tmp_path.glob("out/**/*")) == []


@pytest.fixture
def relatives(tmp_path, pictures):
    """The same pictures as other publishers would write them."""
    images, labels = pictures
    words = np.array(["anna", "bo", "chi", "dan"])[labels]
    emnist = tmp_path / "emnist-digits-test-images-idx3-ubyte"
    emnist.write_bytes(struct.pack(">4I", 0x803, *images.shape) + images.mT.tobytes())
    np.savez(tmp_path / "set.npz", x_test=images, y_test=labels, x_train=images, y_train=labels)
    np.save(tmp_path / "rows.npy", images.reshape(len(images), -1))
    lines = [f"{k},{word}" for k, word in enumerate(words)]
    (tmp_path / "people.csv").write_text("\n".join(["index,name", *lines]))
    (tmp_path / "words.txt").write_text("\n".join(words))
    return tmp_path


@pytest.mark.parametrize(
    ("images", "labels", "flags"),
    [
        ("set.npz:x_test", "set.npz:y_test", []),
        ("rows.npy", "labels", ["--shape", "12,12"]),
        ("emnist-digits-test-images-idx3-ubyte", "labels", []),
        ("emnist-digits-test-images-idx3-ubyte", "labels", ["--transposed"]),
    ],
)
def test_relatives_are_the_same_images(relatives, command, capsys, images, labels, flags):
    assert command("--json", "--class", 2, "--orders", 2, "--sweeps", 2) == 0
    expected = json.loads(capsys.readouterr().out)
    given = {"images": relatives / images, "labels": relatives / labels}
    assert command("--json", "--class", 2, "--orders", 2, "--sweeps", 2, *flags, **given) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.pop("transposed") is images.startswith("emnist")
    assert expected.pop("transposed") is False
    for each in (found, expected):
        del each["images"], each["labels"]
    assert found == expected


@pytest.mark.parametrize("name", ["people.csv:name", "words.txt"])
def test_words_are_printed(relatives, command, capsys, name):
    assert command("--class", "chi", "--classes", "chi,anna,bo", labels=relatives / name) == 0
    out = capsys.readouterr().out
    assert "of class chi, 20%" in out
    assert "P = 4 retrieves class chi, right" in out
    rows = out.split("class    image")[1].splitlines()[1:4]
    assert [row.split()[0] for row in rows] == ["anna", "bo", "chi"]
    assert command("--class", "eve", labels=relatives / name) == 2
    assert "class = 'eve' is not among anna, bo, chi, dan" in capsys.readouterr().err


def test_pictures_that_are_turned_are_said_to_be(relatives, command, capsys):
    emnist = relatives / "emnist-digits-test-images-idx3-ubyte"
    for flags, says in (
        ([], "pictures turned: EMNIST stores them transposed, and the file has its name"),
        (["--transposed", "yes"], "pictures turned: stored transposed, as --transposed says"),
        (["--transposed", "no"], None),
    ):
        assert command("--orders", 2, "--sweeps", 1, *flags, images=emnist) == 0
        first = capsys.readouterr().out.splitlines()[0]
        assert first.startswith(says or "image ")


def test_words_in_the_figure(pictures):
    images, labels = pictures
    words = np.array(["$a", "b_{", "a long name for one class", "d"])[labels]
    figure = draw(retrieve(images, words, n_examples=10, sweeps=2, label="$a"))
    figure.draw_without_rendering()
    bars = figure.axes[5]
    assert [tick.get_text() for tick in bars.get_xticklabels()] == [
        r"\$a", "a long name for o...", "b_{", "d"
    ]  # fmt: skip
    assert r"(class \$a)" in figure.axes[0].get_title()


@pytest.mark.parametrize("which", ["images", "labels"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><body>404</body></html>", "an HTML page"),
        (b"PK\x03\x04" + bytes(60), "zip"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG image"),
        (b"MATLAB 5.0 MAT-file".ljust(128), "a MATLAB file"),
    ],
)
def test_files_of_another_kind_are_named(command, capsys, tmp_path, files, which, content, says):
    path = files[0 if which == "images" else 1]
    path.write_bytes(content)
    assert command() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert str(path) in printed.err
    assert says in printed.err
    assert list(tmp_path.glob("out/*")) == []


@pytest.mark.parametrize("which", ["images", "labels"])
def test_damaged_files_are_named(command, capsys, tmp_path, files, which):
    path = files[0 if which == "images" else 1]
    path.write_bytes(path.read_bytes()[:-1])
    assert command() == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert str(path) in error
    assert list(tmp_path.glob("out/*")) == []


def test_a_failed_figure_leaves_the_old_one(command, tmp_path, monkeypatch):
    assert command() == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    whole = Figure.savefig

    def fails_on_png(self, *arguments, format, **options):
        if format == "png":
            raise OSError("no space left on device")
        return whole(self, *arguments, format=format, **options)

    monkeypatch.setattr(Figure, "savefig", fails_on_png)
    assert command("--seed", 9) == 2
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_names_of_figures(tmp_path):
    assert figure_files.paths(tmp_path / "a") == (tmp_path / "a.pdf", tmp_path / "a.png")
    for name in ("a.pdf", "a.PNG", "a.b.svg"):
        assert figure_files.paths(tmp_path / name) == (tmp_path / name,)
    assert figure_files.paths(tmp_path / "a.b")[0] == tmp_path / "a.b.pdf"
    (tmp_path / "c.png").mkdir()
    with pytest.raises(ValueError, match=r"c\.png is a folder"):
        figure_files.paths(tmp_path / "c")


@pytest.mark.data
@pytest.mark.parametrize("name", ["mnist/t10k", "fashion/fashion900"])
def test_published_images(name):
    """Held-out images of ten classes: both orders retrieve most of those whose cue allows."""
    if "HEBBIAN_DATA_DIR" not in os.environ:
        pytest.skip("HEBBIAN_DATA_DIR does not name a folder with mnist/ and fashion/")
    stem = Path(os.environ["HEBBIAN_DATA_DIR"], name)
    images, labels = idx.load(f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz")
    results = [retrieve(images, labels, label=c, seed=1) for c in range(10)]
    for order in (2, 4):
        right = sum(result.retrieved(order) == result.chosen.label for result in results)
        assert right >= 5  # one in ten by chance
