"""Images as a data set: what is drawn, binarised and measured, against independent laws."""

import numpy as np
import pandas
import pytest
import scipy.linalg
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbian import patterns
from phase_diagrams.retrieval import binarisation, retrieve
from phase_diagrams.retrieval.binarisation import Binarisation
from phase_diagrams.retrieval.images import archetypes, corrupt, quality, split
from phase_diagrams.retrieval.pictures import grey

KEY = np.array([3, 14], np.uint32)


@pytest.fixture(scope="module")
def photographs():
    """Correlated grey images with a dark border that never changes; each with its negative."""
    rng = np.random.default_rng(0)
    smooth = np.exp(-0.1 * (np.arange(9)[:, None] - np.arange(9)) ** 2)
    fields = smooth @ rng.standard_normal((150, 9, 9)) @ smooth
    images = np.full((300, 11, 11), 7, np.uint8)
    levels = 127.5 + 12 * fields
    images[:150, 1:-1, 1:-1] = np.clip(np.rint(levels), 0, 255)
    images[150:, 1:-1, 1:-1] = 255 - images[:150, 1:-1, 1:-1]
    return images


labels_of = st.lists(st.integers(0, 4), min_size=8, max_size=60).map(np.array)


@given(labels_of, st.integers(1, 3), st.integers(0, 1000))
@settings(max_examples=60)
def test_the_image_held_out_is_no_example(labels, n_examples, seed):
    counts = np.bincount(labels)
    classes = tuple(np.flatnonzero(counts > n_examples).tolist())
    if len(classes) < 2:
        return
    chosen = split(labels, n_examples, classes=classes, seed=seed)
    assert chosen.classes == classes
    assert chosen.label == labels[chosen.held_out]
    assert chosen.held_out not in chosen.examples
    assert chosen.examples.shape == (len(classes), n_examples)
    assert len(np.unique(chosen.examples)) == chosen.examples.size
    for label, row in zip(classes, chosen.examples, strict=True):
        assert (labels[row] == label).all()
    again = split(labels, n_examples, classes=classes, seed=seed, held_out=chosen.held_out)
    np.testing.assert_array_equal(again.examples, chosen.examples)


def test_more_examples_keep_the_fewer():
    labels = np.arange(600) % 3
    few, many = (split(labels, n, held_out=5, seed=2).examples for n in (7, 190))
    np.testing.assert_array_equal(many[:, :7], few)
    assert not np.array_equal(split(labels, 7, held_out=5, seed=3).examples, few)
    # An example that is held out leaves its place to the next; the others stay.
    moved = split(labels, 7, held_out=int(few[1, 3]), seed=2).examples
    np.testing.assert_array_equal(moved[[0, 2]], few[[0, 2]])
    np.testing.assert_array_equal(moved[1, :6], np.delete(few[1], 3))


def test_every_image_can_be_held_out():
    labels = np.array([0, 0, 1, 1, 1, 4, 4, 4, 4])
    drawn = {split(labels, 1, seed=seed).held_out for seed in range(200)}
    assert drawn == set(range(9))
    drawn = {split(labels, 1, seed=seed, label=1).held_out for seed in range(60)}
    assert drawn == {2, 3, 4}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"n_examples": 0}, r"n_examples = 0 is outside the allowed range \[1, inf\)"),
        ({"n_examples": 3}, "n_examples = 3: class 0 has only 2 images"),
        ({"n_examples": 10**18}, "class 0 has only"),
        ({"n_examples": 2, "held_out": 1}, "class 0 has only 1 images besides the one held out"),
        ({"held_out": 6}, r"held_out = 6 is outside the allowed range \[0, 5\]"),
        ({"held_out": -1}, "held_out = -1"),
        ({"label": 3}, "class = 3 is not among 0, 1, 7"),
        ({"label": 1.5}, "class = 1.5 is not a whole number"),
        ({"held_out": 0, "label": 7}, "held_out = 0 is an image of class 0, not of 7"),
        ({"held_out": 0, "classes": [1, 7]}, r"class 0, not of \[1, 7\]"),
        ({"label": 0, "classes": [1, 7]}, "class = 0 is not among 1, 7"),
        ({"classes": [1, 1]}, "two classes or more"),
        ({"classes": [1, 9]}, "class = 9 is not among"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_wrong_splits(arguments, says):
    with pytest.raises(ValueError, match=says):
        split(np.array([0, 0, 1, 1, 7, 7]), **{"n_examples": 1, **arguments})


def test_classes_are_numbers_or_words():
    """A class draws the same examples among any others; a command writes numbers as words."""
    numbers = np.arange(60) % 3
    words = np.array(["coat", "bag", "shirt"])[numbers]
    chosen = split(words, 5, label="bag", seed=4)
    assert chosen.classes == ("bag", "coat", "shirt")
    assert (words[chosen.held_out], chosen.label) == ("bag", "bag")
    for name, row in zip(chosen.classes, chosen.examples, strict=True):
        assert set(words[row]) == {name}
    two = split(words, 5, held_out=chosen.held_out, classes=["shirt", "bag"], seed=4)
    assert two.classes == ("bag", "shirt")
    np.testing.assert_array_equal(two.examples, chosen.examples[[0, 2]])
    ways = ((numbers, 1), (numbers, "1"))
    given = [split(labels, 5, label=label, seed=4) for labels, label in ways]
    assert len({each.held_out for each in given}) == 1
    for each in given:
        np.testing.assert_array_equal(each.examples, given[0].examples)
    assert [each.label for each in given] == [1, 1]
    with pytest.raises(ValueError, match="class = 'hat' is not among bag, coat, shirt"):
        split(words, 5, label="hat")
    with pytest.raises(ValueError, match="class = 'hat' is not a whole number"):
        split(numbers, 5, label="hat")
    with pytest.raises(ValueError, match="class = 'coat' is not among bag, shirt"):
        split(words, 5, label="coat", classes=["bag", "shirt"])


def test_whitening_is_the_matrix_function(photographs):
    """Covariance of the whitened pixels: (1 + C/l0)^(-1/2) C (1 + C/l0)^(-1/2), by scipy."""
    fitted = Binarisation.fit("whitened", photographs)
    x = photographs[:, 1:-1, 1:-1].reshape(300, -1).astype(float)
    C = np.cov(x, rowvar=False, bias=True)
    scale = binarisation.SHRINKAGE * np.trace(C) / len(C)
    expected = scipy.linalg.inv(scipy.linalg.sqrtm(np.eye(len(C)) + C / scale))
    np.testing.assert_allclose(fitted.matrix, expected, atol=1e-12)
    assert fitted.pixels.reshape(11, 11).sum() == fitted.pixels.reshape(11, 11)[1:-1, 1:-1].sum()


def test_whitening_with_fewer_images_than_pixels(photographs):
    fitted = Binarisation.fit("whitened", photographs[:20])
    x = photographs[:20].reshape(20, -1)[:, fitted.pixels].astype(float)
    C = np.cov(x, rowvar=False, bias=True)
    scale = binarisation.SHRINKAGE * np.trace(C) / len(C)
    expected = scipy.linalg.inv(scipy.linalg.sqrtm(np.eye(len(C)) + C / scale))
    np.testing.assert_allclose(fitted.matrix, expected, atol=1e-10)


@pytest.mark.parametrize("method", ["projected", "whitened"])
def test_every_spin_is_balanced_over_the_examples(photographs, method):
    fitted = Binarisation.fit(method, photographs)
    spins = fitted.spins(photographs)
    assert spins.shape == (300, fitted.n_spins)
    assert set(np.unique(spins)) == {-1, 1}
    assert np.abs(spins.sum(axis=0, dtype=int)).max() <= 2


def test_projections_obey_the_arcsine_law(photographs):
    """Spins of two images overlap by (2/pi) arcsin of the cosine of the whitened images.

    The examples come with their negatives, so that all medians are close to zero.
    """
    projected = Binarisation.fit("projected", photographs)
    whitened = Binarisation.fit("whitened", photographs)
    x = photographs[:40].reshape(40, -1)[:, whitened.pixels] - whitened.mean
    y = x @ whitened.matrix.T
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    predicted = 2 / np.pi * np.arcsin(np.clip(y @ y.T, -1, 1))
    spins = projected.spins(photographs[:40]).astype(float)
    measured = spins @ spins.T / projected.n_spins
    pairs = np.triu_indices(40, 1)
    error = (measured - predicted)[pairs]
    # A mean of n_spins signs has variance (1 - overlap^2) / n_spins; medians add a little.
    expected = np.sqrt((1 - predicted[pairs] ** 2) / projected.n_spins)
    assert 0.9 < np.sqrt(np.mean(error**2) / np.mean(expected**2)) < 1.15
    assert np.abs(predicted[pairs]).max() > 0.5


def test_pictures_of_projections_resemble_the_image(photographs):
    fitted = Binarisation.fit("projected", photographs)
    for image, spins in zip(photographs[:5], fitted.spins(photographs[:5]), strict=True):
        picture = fitted.picture(spins)
        assert np.abs(picture).max() == 1
        assert (picture.reshape(11, 11)[0] == 0).all()
        grey = image.ravel()[fitted.pixels] - fitted.mean
        assert np.corrcoef(picture[fitted.pixels], grey)[0, 1] > 0.95


def test_median_and_fixed_levels_cut_pixels(photographs):
    median = Binarisation.fit("median", photographs)
    x = photographs.reshape(300, -1)
    kept = x[:, median.pixels]
    np.testing.assert_array_equal(
        median.spins(photographs), np.where(kept > np.median(kept, axis=0), 1, -1)
    )
    fixed = Binarisation.fit(100, photographs)
    np.testing.assert_array_equal(fixed.spins(photographs), np.where(x > 100, 1, -1))
    np.testing.assert_array_equal(fixed.picture(fixed.spins(photographs)[0]), np.sign(x[0] - 100.5))


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ("blue", "threshold = 'blue' is not one of projected, whitened, median"),
        (255, r"threshold = 255.0 is outside the allowed range \[0, 255\)"),
        (float("nan"), "threshold = nan"),
        (True, "threshold = True is not a real number"),
    ],
)
def test_wrong_methods(photographs, method, says):
    with pytest.raises(ValueError, match=says):
        Binarisation.fit(method, photographs)


def test_images_that_do_not_differ():
    with pytest.raises(ValueError, match="fewer than two pixels differ"):
        Binarisation.fit("projected", np.full((5, 3, 3), 9, np.uint8))


def test_archetypes_are_majorities():
    examples = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (3, 7, 50))
    np.testing.assert_array_equal(
        archetypes(examples), np.where((examples == 1).sum(axis=1) > 3, 1, -1)
    )
    ties = archetypes(np.repeat([[[1], [-1]]], 50, axis=2))
    assert ties.sum() == 0


@pytest.mark.parametrize(("r", "n_examples"), [(0.3, 2), (0.3, 25), (0.8, 5), (1.0, 3)])
def test_quality_of_generated_examples(r, n_examples):
    drawn = patterns.rademacher(KEY, 20, 2000)
    examples = patterns.examples(KEY + 1, drawn, r, n_examples)
    # r^2 is a mean over at least n_spins x n_classes pairs of unit variance or less.
    pairs = 20 * 2000 * n_examples // 2
    spread = np.sqrt((1 - r**4) / pairs + 4 * r**2 * (1 - r**2) / (20 * 2000 * n_examples))
    assert abs(quality(examples) ** 2 - r**2) <= 4 * spread


def test_the_majority_of_the_examples_overstates_the_quality():
    """Two examples of quality 0.3 agree on (1 + r^2)/2 of the spins; a tie is half right."""
    examples = patterns.examples(KEY + 1, patterns.rademacher(KEY, 20, 2000), 0.3, 2)
    with_majority = np.mean(examples * archetypes(examples)[:, None])
    assert abs(with_majority - (1 + 0.3**2) / 2) < 0.01
    assert abs(quality(examples) - 0.3) < 0.01


def test_quality_that_cannot_be_measured():
    examples = np.ones((2, 1, 10), np.int8)
    assert np.isnan(quality(examples))
    opposite = np.stack([examples[:, 0], -examples[:, 0]], axis=1)
    assert np.isnan(quality(opposite))


@given(st.integers(1, 300), st.floats(0, 1), st.integers(0, 10**9))
@settings(max_examples=50)
def test_corruption_sets_the_overlap(n_spins, corruption, seed):
    spins = patterns.rademacher(KEY, 1, n_spins)[0]
    cue = corrupt(spins, corruption, seed)
    assert cue.dtype == spins.dtype
    assert (cue != spins).sum() == round(corruption * n_spins)
    less = corrupt(spins, corruption / 2, seed)
    assert ((less != spins) <= (cue != spins)).all()


@pytest.mark.parametrize("corruption", [-0.1, 1.1, float("nan"), "half"])
def test_wrong_corruption(corruption):
    with pytest.raises(ValueError, match=r"corruption = .* in|range \[0, 1\]"):
        corrupt(np.ones(4, np.int8), corruption)


@pytest.mark.parametrize(
    "given",
    [lambda x: x / 255, lambda x: x.reshape(len(x), -1), lambda x: x[..., None],
     lambda x: x[:, None], lambda x: x.astype(np.int64), lambda x: x.astype(np.float32),
     lambda x: x.tolist(), tuple, lambda x: xr.DataArray(x, dims=("n", "row", "column")),
     lambda x: pandas.DataFrame(x.reshape(len(x), -1))],
    ids=["in [0, 1]", "rows", "channel", "channel first", "int64", "float32", "list", "tuple",
         "xarray", "table"],
)  # fmt: skip
def test_grey_levels_of_any_form_are_the_same_images(photographs, given):
    labels = np.arange(300) % 2
    expected = retrieve(photographs, labels, n_examples=30, sweeps=1)
    result = retrieve(given(photographs), labels, n_examples=30, sweeps=1)
    assert result.grey.shape == (11, 11)
    # Rounding decides where a level is the median itself.
    assert (result.examples == expected.examples).mean() > 0.999
    assert np.isfinite(result.overlaps(result.image)).all()


def test_rows_of_pixels_of_a_shape(photographs):
    wide = photographs[:, :, :8]
    result = retrieve(
        wide.reshape(300, -1), np.arange(300) % 2, n_examples=30, sweeps=1, shape=(11, 8)
    )
    np.testing.assert_array_equal(result.grey, wide[result.chosen.held_out])


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((11, 9), "rows of 88 pixels are not 11 x 9"),
        ((11, 0), r"shape = 0 is outside the allowed range \[1, inf\)"),
        ((11, 8.5), r"shape = 8.5 is not a whole number"),
        (88, r"shape = 88 is not \(rows, columns\)"),
        ((11, 8, 1), r"shape = \(11, 8, 1\) is not \(rows, columns\)"),
    ],
)
def test_shapes_that_are_none(shape, says):
    with pytest.raises(ValueError, match=says):
        grey(np.zeros((2, 88)), shape)
    with pytest.raises(ValueError, match="they are not 4 x 5"):
        grey(np.zeros((2, 5, 4)), (4, 5))


def test_black_and_white_images(photographs):
    white = photographs > 127
    assert grey(white).dtype == np.uint8
    np.testing.assert_array_equal(grey(white), white)
    assert retrieve(white, np.arange(300) % 2, n_examples=30, threshold=0.5, sweeps=1)


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (np.zeros((2, 5, 4, 3)), r"shape \(2, 5, 4, 3\) .* in colour: .*\.mean\(axis=3\)$"),
        (np.zeros((2, 3, 5, 5)), r"in colour: give images\[:, :3\]\.mean\(axis=1\)$"),
        (np.zeros((2, 9, 9, 9)), r"three dimensions: give a slice of each, images\[:, k\]$"),
        (np.zeros((2, 7)), r"rows of 7 pixels are not squares: give shape=\(rows, columns\)"),
        ("digits.gz", "images = 'digits.gz' is a name: phase_diagrams.retrieval.load reads"),
        (np.ma.masked_array(np.zeros((2, 3, 3)), np.eye(3) * np.ones((2, 1, 1))), "masked pixels"),
        (np.zeros(9), r"shape \(9,\)"),
        (5, r"shape \(\)"),
        (np.zeros((0, 3, 3)), "there are none"),
        (np.full((2, 3, 3), np.nan), r"images\[0\] has a pixel that is nan"),
        (np.full((2, 3, 3), np.inf), "a pixel that is inf"),
        (np.full((2, 3, 3), "x"), "are not grey levels"),
        (np.zeros((2, 3, 3), object), "images of object are not grey levels"),
        (np.zeros((2, 3, 3), complex), "images of complex128 are not grey levels"),
        ([np.zeros((3, 3)), np.zeros((4, 4))], "images have different shapes"),
        (None, "images of object"),
        (np.full((4, 3, 3), 9), "fewer than two pixels differ"),
    ],
)
def test_images_that_are_named(images, says):
    with pytest.raises(ValueError, match=says) as raised:
        retrieve(images, [0, 0, 1, 1], n_examples=1)
    assert "\n" not in str(raised.value)


def test_a_level_that_no_example_crosses(photographs):
    with pytest.raises(ValueError, match=r"threshold = 127: .* have grey levels from 0 to 0.9"):
        retrieve(photographs / 255, np.arange(300) % 2, n_examples=30, threshold=127)


def test_a_class_of_one_member():
    labels = [0, 0, 0, 1]
    with pytest.raises(ValueError, match="class 1 has only 1 images"):
        retrieve(np.random.default_rng(0).random((4, 3, 3)), labels, n_examples=2, held_out=0)
