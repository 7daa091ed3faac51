"""The claims on images: their files, their refusals, the physics behind their captions."""

import gzip
import itertools
import struct

import numpy as np
import pytest
import xarray as xr
from sklearn.datasets import load_digits

from hebbian import Dense, Hopfield, Multitasking, Supervised
from phase_diagrams.cli import main
from phase_diagrams.gallery import image_data
from phase_diagrams.gallery.diluted_images import column_law, diluted_archetypes, mean_field
from phase_diagrams.gallery.image_networks import (
    corrupted,
    divide,
    final_overlaps,
    gaussian_majority_overlap,
    majority_overlap,
    predict,
    seeds,
)
from theory import solve

pytestmark = pytest.mark.heavy


def write(folder, stem, pixels, labels, packed=False):
    """Write images and labels under their published names."""
    folder.mkdir(exist_ok=True)
    contents = {
        "images-idx3": struct.pack(">4I", 0x803, *pixels.shape) + pixels.tobytes(),
        "labels-idx1": struct.pack(">2I", 0x801, len(labels)) + labels.tobytes(),
    }
    for kind, content in contents.items():
        name = f"{stem}-{kind}-ubyte"
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)


@pytest.fixture
def grey():
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (30, 4, 5), np.uint8), np.tile(np.arange(3, dtype=np.uint8), 10)


def test_without_a_folder_there_are_the_digits():
    digits = load_digits()
    [images] = image_data.load(None)
    assert images.name == "digits"
    np.testing.assert_array_equal(images.labels, digits.target)
    assert images.pixels.dtype == np.uint8
    # Sixteen levels stay apart, and background stays 0.
    assert len(np.unique(images.pixels)) == len(np.unique(digits.images))
    assert ((images.pixels == 0) == (digits.images == 0)).all()
    assert "no files of MNIST" in image_data.source(["digits"])


def test_a_folder_without_images_is_an_error_that_says_what_was_sought(tmp_path, capsys):
    out = tmp_path / "out"
    for wrong in (tmp_path, tmp_path / "missing"):
        command = ["gallery", "image_gallery", "--quick", "--data-dir", str(wrong)]
        assert main([*command, "--out", str(out)]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert str(wrong) in line
        assert "mnist/" in line
        assert "t10k-images-idx3-ubyte" in line
    assert not out.exists()


def test_subfolders_and_both_parts(tmp_path, grey):
    pixels, labels = grey
    write(tmp_path / "mnist", "train", pixels[:20], labels[:20], packed=True)
    write(tmp_path / "mnist", "t10k", pixels[20:], labels[20:])
    write(tmp_path / "fashion", "fashion900", pixels, labels, packed=True)
    mnist, fashion = image_data.load(tmp_path)
    np.testing.assert_array_equal(mnist.pixels, pixels)
    np.testing.assert_array_equal(mnist.labels, labels)
    assert (fashion.title, fashion.class_name(0)) == ("Fashion-MNIST", "T-shirt")
    assert mnist.smallest == 10
    assert image_data.source(["mnist", "fashion"]) == "MNIST and Fashion-MNIST"


def test_files_themselves(tmp_path, grey):
    write(tmp_path / "anywhere", "t10k", *grey)
    write(tmp_path / "my-fashion", "train", *grey)
    write(tmp_path / "cut", "fashion900", *grey)
    found = [image_data.load(tmp_path / name)[0].name for name in ("anywhere", "my-fashion", "cut")]
    assert found == ["mnist", "fashion", "fashion"]


def test_the_excerpt_is_not_added_to_the_whole(tmp_path, grey):
    write(tmp_path / "fashion", "train", *grey)
    write(tmp_path / "fashion", "fashion900", *grey)
    [fashion] = image_data.load(tmp_path)
    assert len(fashion.pixels) == 30


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "t10k-labels-idx1-ubyte").unlink(), "sought t10k-labels-idx1"),
        (lambda folder: (folder / "t10k-images-idx3-ubyte").unlink(), "sought train-images-idx3"),
        (lambda folder: (folder / "t10k-images-idx3-ubyte").write_bytes(b"\0" * 40), "magic"),
        (lambda folder: (folder / "t10k-images-idx3-ubyte").write_bytes(b""), "is empty"),
        (lambda folder: write(folder, "train", np.ones((3, 2, 2), np.uint8),
                              np.arange(3, dtype=np.uint8)), "of another size"),
    ],
)  # fmt: skip
def test_missing_and_damaged_files(tmp_path, capsys, grey, damage, message):
    folder = tmp_path / "data" / "mnist"
    folder.parent.mkdir()
    write(folder, "t10k", *grey)
    damage(folder)
    out = tmp_path / "out"
    arguments = ["gallery", "image_gallery", "--quick", "--out", str(out)]
    assert main([*arguments, "--data-dir", str(folder.parent)]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert str(folder) in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


def test_a_folder_that_is_not_there(tmp_path, capsys):
    out = tmp_path / "out"
    where = tmp_path / "nowhere"
    arguments = ["gallery", "image_learning", "--quick", "--out", str(out)]
    assert main([*arguments, "--data-dir", str(where)]) == 2
    error = capsys.readouterr().err
    assert f"{str(where)!r} is not a folder: sought mnist/ and fashion/" in error
    assert not out.exists()


def test_given_files_are_used_and_named(tmp_path, capsys):
    digits = load_digits()
    keep = np.concatenate([np.flatnonzero(digits.target == c)[:12] for c in range(10)])
    pixels, labels = (digits.images * 15).astype(np.uint8)[keep], digits.target.astype(np.uint8)
    write(tmp_path / "mnist", "train", pixels, labels[keep], packed=True)
    arguments = ["gallery", "structured_dilution", "--quick", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--data-dir", str(tmp_path)]) == 2
    assert "n_examples = 16: class" in capsys.readouterr().err
    arguments[1] = "image_gallery"
    assert main([*arguments, "--data-dir", str(tmp_path)]) == 0
    assert "Retrieval of MNIST: " in capsys.readouterr().out
    data = tmp_path / "out" / "image_gallery" / "data.nc"
    with xr.open_datatree(data, engine="h5netcdf") as tree:
        assert list(tree.children) == ["mnist"]
        assert tree["mnist"].attrs["n_examples"] == 11
        # Background is black, ink of the brightest level white.
        image = tree["mnist"]["picture"].sel(panel="image")
        assert (float(image.min()), float(image.max())) == (-1, 1)


@pytest.fixture(scope="module")
def digits():
    return image_data.load(None)[0]


def test_division(digits):
    division = divide(digits, n_reference=30, n_cues=3, n_examples=11, seed=4)
    larger = divide(digits, n_reference=30, n_cues=3, n_examples=20, seed=4)
    again = divide(digits, n_reference=30, n_cues=3, n_examples=11, seed=4)
    for name in ("references", "cues", "examples"):
        np.testing.assert_array_equal(getattr(division, name), getattr(again, name))
    np.testing.assert_array_equal(division.examples, larger.examples[:, :11])
    np.testing.assert_array_equal(division.references, larger.references)
    other = divide(digits, n_reference=30, n_cues=3, seed=5)
    assert (other.references != division.references).mean() > 0.1
    assert 0.3 < division.quality < 0.6
    assert 20 < division.n_effective < 200
    assert len(set(seeds(3, 50))) == 50


def test_corruption_is_another_one_for_every_image(digits):
    cues = divide(digits, n_reference=10, n_cues=2, seed=0).cues
    reversed_spins = corrupted(cues, 0.1, 7) != cues
    assert (reversed_spins.sum(axis=-1) == 400).all()
    flat = reversed_spins.reshape(-1, reversed_spins.shape[-1])
    assert len(np.unique(flat, axis=0)) == len(flat)


def test_four_bodies_separate_correlated_archetypes(digits):
    division = divide(digits, n_reference=80, n_cues=5, seed=1)
    stored, cues = division.references, corrupted(division.cues, 0.1, 1)
    kept, retrieved = {}, {}
    for order in (2, 4):
        kept[order] = np.diag(final_overlaps(order, stored, stored, sweeps=8))
        overlaps = final_overlaps(order, stored, cues, sweeps=12)
        retrieved[order] = np.diagonal(overlaps, axis1=0, axis2=2).mean()
    assert (kept[4] == 1).all()
    assert kept[2].min() < 0.995
    assert 0.5 < retrieved[2] < retrieved[4] - 0.05


def test_majorities_against_random_examples():
    """Majorities of examples drawn one by one, with equal and with Gaussian qualities."""
    rng = np.random.default_rng(5)
    n_spins, r = 200_000, 0.3
    spins = np.empty((2, n_spins), int)
    qualities = {"equal": np.full(n_spins, r), "gaussian": r * rng.standard_normal(n_spins)}
    for name, quality in qualities.items():
        faithful = (1 + np.clip(quality, -1, 1)) / 2
        for row, count in enumerate((7, 20)):
            spins[row] = np.sign(2 * rng.binomial(count, faithful) - count)
        seen = np.mean(spins[0] * spins[1])
        if name == "equal":
            expected = majority_overlap(r, 7) * majority_overlap(r, 20)
        else:
            expected = gaussian_majority_overlap(r, [7], 20)[0]
        assert abs(seen - expected) < 4 / n_spins**0.5


def test_gaussian_majorities_tend_to_sheppards_arcsine():
    r, M, known = 0.05, 4000, 9000
    rho = (1 - r**2) / r**2
    arcsine = 2 / np.pi * np.arcsin(((1 + rho / M) * (1 + rho / known)) ** -0.5)
    assert gaussian_majority_overlap(r, [M], known)[0] == pytest.approx(arcsine, abs=1e-3)


def test_prediction_of_storing_is_that_of_a_teacher_without_load():
    counts = [1, 3, 9]
    storing, supervised = (
        predict(4, rule, counts, r=0.6, n_effective=1e6, n_classes=10)
        for rule in ("storing", "supervised")
    )
    np.testing.assert_allclose(storing, majority_overlap(0.6, counts), atol=1e-9)
    np.testing.assert_allclose(supervised, storing, atol=1e-9)


def test_the_effective_load_is_that_of_the_order():
    """alpha = (P!/2) K / N^(P-1): twelve for four bodies, one for two."""
    for order, alpha in ((2, 3 / 100), (4, 12 * 3 / 20**3)):
        n_effective = 100 if order == 2 else 20
        found = predict(order, "supervised", [5], r=0.8, n_effective=n_effective, n_classes=3)
        rule = Supervised(quality=0.8, n_examples=5)
        model = Hopfield(rule=rule) if order == 2 else Dense(order=order, rule=rule)
        assert found[0] == pytest.approx(float(solve(model, alpha=alpha, T=0.0).m), abs=1e-9)
        assert found[0] < 0.999


def test_diluted_archetypes(digits):
    pixels = np.stack([digits.pixels[digits.labels == c][:6] for c in (3, 1, 0)])
    xi = diluted_archetypes(pixels)
    blanks = (pixels.reshape(3, 6, -1).max(axis=1) == 0).sum(axis=1)
    assert ((xi == 0).sum(axis=1) == np.sort(blanks)).all()
    # Half of the entries, but for ties of the median.
    assert (np.abs(xi.sum(axis=1)) <= 4).all()
    equal = diluted_archetypes(pixels, equal=True)
    assert ((equal == 0).sum(axis=1) == blanks.max()).all()


@pytest.mark.parametrize(
    ("start", "blanks", "T"),
    [("hierarchical", 4, 0.0), ("hierarchical", 4, 0.1), ("parallel", 8, 0.1)],
)
def test_independent_columns_give_the_random_theory(start, blanks, T):
    """A thousand columns in which every combination of entries has its exact share."""
    entries = [1] * ((10 - blanks) // 2) + [0] * blanks + [-1] * ((10 - blanks) // 2)
    xi = np.array(list(itertools.product(entries, repeat=3))).T
    np.testing.assert_allclose(column_law(xi), (1, 1, 0), atol=1e-12)
    expected = solve(Multitasking(n_patterns=3, dilution=blanks / 10), T=T, start=start).m
    found = mean_field(xi.astype(float), T, expected + np.array([0.02, 0.01, -0.01]))
    np.testing.assert_allclose(found, expected, atol=1e-7)
