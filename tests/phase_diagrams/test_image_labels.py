"""Labels of any kind: by position, as numbers or words, else refused in one line."""

import numpy as np
import pandas
import pytest
import xarray as xr

from phase_diagrams.retrieval import retrieve
from phase_diagrams.retrieval.labels import named

NUMBERS = {
    "list": [3, 1],
    "tuple": (3, 1),
    "bytes": np.array([3, 1], np.uint8),
    "floats": [3.0, 1.0],
    "big-endian": np.array([3, 1], ">i2"),
    "objects": np.array([3, np.int8(1)], object),
    "series": pandas.Series([3, 1], index=[1, 0]),
    "series without an order": pandas.Series([3, 1], index=["b", "a"]),
    "nullable series": pandas.Series([3, 1], dtype="Int64", index=[1, 0]),
    "categorical": pandas.Categorical([3, 1]),
    "series of categories": pandas.Series([3, 1], dtype="category", index=[1, 0]),
    "xarray": xr.DataArray([3, 1], dims="n", coords={"n": [1, 0]}),
    "unmasked": np.ma.masked_array([3, 1], [False, False]),
}  # fmt: skip
WORDS = {
    "list": ["tea", "ö"],
    "text": np.array(["tea", "ö"]),
    "bytes": np.array([b"tea", "ö".encode()]),
    "objects": np.array(["tea", "ö"], object),
    "bytes and text": ["tea", "ö".encode()],
    "variable text": np.array(["tea", "ö"], np.dtypes.StringDType()),
    "series": pandas.Series(["tea", "ö"], index=[1, 0]),
    "string series": pandas.Series(["tea", "ö"], dtype="string", index=[1, 0]),
    "categorical": pandas.Categorical(["tea", "ö"]),
    "xarray": xr.DataArray(["tea", "ö"], dims="n", coords={"n": [1, 0]}),
}


@pytest.mark.parametrize("labels", NUMBERS.values(), ids=NUMBERS)
def test_numbers_that_are_read(labels):
    found = named(labels, 2)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, [3, 1])


@pytest.mark.parametrize("labels", WORDS.values(), ids=WORDS)
def test_words_that_are_read(labels):
    found = named(labels, 2)
    assert found.dtype.kind == "U"
    assert found.tolist() == ["tea", "ö"]


def test_numbers_of_any_size_and_truth():
    assert named([True, False]).tolist() == [1, 0]
    assert named([-1, 1]).tolist() == [-1, 1]
    assert named([2**62, -(2**63)]).tolist() == [2**62, -(2**63)]
    assert named(["0", "007"]).tolist() == ["0", "007"]


MISSING = "is missing.*: leave out images without a label"
WRONG = [
    ([1, np.nan], rf"labels\[1\] {MISSING}"),
    ([1, None], rf"labels\[1\] {MISSING}"),
    (["a", None], rf"labels\[1\] {MISSING}"),
    (["a", np.nan], rf"labels\[1\] {MISSING}"),
    (["", "a"], rf"labels\[0\] {MISSING}"),
    (pandas.Series([1, None], dtype="Int64"), rf"labels\[1\] {MISSING}"),
    (pandas.Series(["a", None], dtype="string"), rf"labels\[1\] {MISSING}"),
    (pandas.Categorical(["a", None]), rf"labels\[1\] {MISSING}"),
    (pandas.Series([pandas.NaT, pandas.NaT], dtype=object), rf"labels\[0\] {MISSING}"),
    (np.ma.masked_array([1, 2], [False, True]), r"labels\[1\] is masked"),
    ([1, 2.5], r"labels\[1\] = 2.5 is not a whole number"),
    (np.array([1, 2.5], object), r"labels\[1\] = 2.5 is not a whole number"),
    ([1, np.inf], r"labels\[1\] = inf is not"),
    ([1e300, 1], r"labels\[0\] = 1e\+300 is not a whole number of 64 bits"),
    (np.array([1, 2**63], np.uint64), r"labels\[1\] = 9223372036854775808 is not"),
    ([1, 2**70], "more than 64 bits"),
    ([1j, 2], "labels are complex128, neither whole numbers nor words"),
    (np.array(["2001-01-01", "2001-01-02"], "M8[D]"), r"labels are datetime64\[D\]"),
    (["a", 1], r"labels mix words and numbers: labels\[0\], labels\[1\]"),
    ([1, "1"], r"labels mix words and numbers"),
    (np.array([1, (2, 3)], object), r"labels\[1\] = \(2, 3\) is neither a whole number nor a word"),
    (np.array([b"\xff", b"a"]), "no text in UTF-8"),
    (np.eye(2, 10, dtype=int), r"shape \(2, 10\).*labels\.argmax\(axis=1\)"),
    (np.zeros((1, 2), int), r"shape \(1, 2\).*numpy\.ravel\(labels\)"),
    (np.array([[3], [1]]), r"shape \(2, 1\).*numpy\.ravel\(labels\)"),
    (pandas.DataFrame({"label": [3, 1]}), r"shape \(2, 1\).*numpy\.ravel\(labels\)"),
    (["3", "1"], r"numbers written as words, such as '3'.*astype\(int\)"),
    (np.array([b"3", b"-1"]), r"numbers written as words, such as '3'"),
    (np.zeros((2, 3, 4), int), r"shape \(2, 3, 4\), not one for every image$"),
    (7, r"shape \(\)"),
    (None, r"shape \(\)"),
    ({"a": 1}, r"shape \(\)"),
    ("labels.gz", "labels = 'labels.gz' is a name: phase_diagrams.retrieval.load reads files"),
    ([[1], [2, 3]], "labels have different lengths"),
    ([1, 2, 3], "labels: there are 3 for 2 images"),
    ([1], "labels: there are 1 for 2 images"),
    ([], "labels: there are 0 for 2 images"),
]


@pytest.mark.parametrize(("labels", "says"), WRONG)
def test_labels_that_are_named(labels, says):
    images = np.arange(18).reshape(2, 3, 3)
    with pytest.raises(ValueError, match=says) as raised:
        retrieve(images, labels, n_examples=1)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("labels")


def test_words_stay_in_the_result():
    """Words in place of numbers change the names and nothing else, if their order is the same."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    images = (rng.random((3, 8, 8)) < 0.5)[labels] ^ (rng.random((60, 8, 8)) < 0.1)
    words = np.array(["bag", "coat", "shirt"])[labels]
    plain = retrieve(images, labels, n_examples=12, held_out=4)
    result = retrieve(images, pandas.Series(words, index=rng.permutation(60)), n_examples=12,
                      held_out=4)  # fmt: skip
    assert result.chosen.classes == ("bag", "coat", "shirt")
    assert result.chosen.label == words[4] == result.nearest(2) == result.retrieved(2)
    assert result.example(2)[0] == "coat"
    report, expected = result.report(), plain.report()
    assert report["class"] == "coat"
    assert report["classes"] == ["bag", "coat", "shirt"]
    assert report["retrieved"] == {"2": "coat", "4": "coat"}
    assert expected["retrieved"] == {"2": 1, "4": 1}
    assert report["nearest_example"]["4"]["class"] == "coat"
