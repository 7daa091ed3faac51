"""IDX files: what is written is read; everything else is refused in one line, cheaply."""

import gzip
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_files import read_or_refuse

from phase_diagrams.retrieval import idx

IMAGES, LABELS = 0x803, 0x801


def image_file(shape=(3, 2, 4), payload=None, magic=IMAGES):
    size = int(np.prod(shape))
    body = bytes(k % 256 for k in range(size)) if payload is None else payload
    return struct.pack(">4I", magic, *shape) + body


def label_file(labels=(0, 9, 4), magic=LABELS, announced=None):
    n = len(labels) if announced is None else announced
    return struct.pack(">2I", magic, n) + bytes(labels)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_what_is_written_is_read(tmp_path, pack):
    path, names = tmp_path / "images", tmp_path / "labels"
    path.write_bytes(pack(image_file()))
    names.write_bytes(pack(label_file()))
    images, labels = idx.load(path, str(names))
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(images, np.arange(24).reshape(3, 2, 4))
    np.testing.assert_array_equal(labels, [0, 9, 4])


def test_gzip_of_several_members_is_one_stream(tmp_path):
    content = image_file()
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(content[:20]) + gzip.compress(content[20:]))
    assert idx.read_images(path).shape == (3, 2, 4)


GZIPPED = gzip.compress(image_file())
WRONG_IMAGES = {
    "empty": (b"", "is empty"),
    "short header": (image_file()[:10], "ends after 10"),
    "shorter header": (image_file()[:3], "ends after 3"),
    "labels": (label_file((1, 2)), "holds labels, not images"),
    "little-endian": (struct.pack("<4I", IMAGES, 1, 1, 1) + b"0", "0x03080000 (its bytes are in"),
    "labels of QMNIST": (
        struct.pack(">3I", 0xC02, 2, 8) + bytes(64),
        "holds labels, not images: eight columns, as those of QMNIST",
    ),
    "labels in a column": (struct.pack(">3I", 0x802, 2, 1) + b"01", "holds labels, not images"),
    "rows of pixels": (struct.pack(">3I", 0x802, 2, 7) + bytes(14), "7 pixels are not squares"),
    "in colour": (struct.pack(">5I", 0x804, 2, 4, 4, 3) + bytes(96), "in colour: give images"),
    "dimensions": (struct.pack(">6I", 0x805, 2, 1, 1, 1, 1) + b"01", "0x00000805 (unknown)"),
    "NaN": (struct.pack(">4If", 0xD03, 1, 1, 1, np.nan), "images[0] has a pixel that is nan"),
    "unknown": (b"\0\0\xff\3" + bytes(90), "(unknown)"),
    "noise": (bytes(range(200, 256)), "(unknown)"),
    "no images": (image_file((0, 28, 28)), "0 x 28 x 28"),
    "no rows": (image_file((5, 0, 28)), "nothing to read"),
    "truncated": (image_file()[:-1], "= 24 bytes, the file has 23: 1 is missing"),
    "trailing": (image_file() + b"\0", "more than the 3 x 2 x 4 = 24 bytes"),
    "huge": (image_file((2**32 - 1,) * 3, b""), "more than 1073741824"),
    "large and absent": (image_file((1 << 20, 1, 1000), b"abc"), "the file has 3"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "gzip, truncated payload": (gzip.compress(image_file()[:-3]), "the file has 21: 3 are missing"),
    "gzip, trailing payload": (gzip.compress(image_file() + b"x"), "more than"),
    "gzip, cut": (GZIPPED[:-9], "damaged gzip"),
    "gzip, no trailer": (GZIPPED[:-8], "damaged gzip"),
    "gzip, wrong checksum": (GZIPPED[:-8] + b"\0\0\0\0" + GZIPPED[-4:], "damaged gzip"),
    "gzip, wrong size field": (GZIPPED[:-4] + b"\xff\xff\xff\xff", "damaged gzip"),
    "gzip, garbage after": (GZIPPED + b"garbage", "damaged gzip"),
    "gzip magic alone": (b"\x1f\x8b", "damaged gzip"),
    "gzip, bad deflate": (GZIPPED[:10] + b"\xff" * 20, "damaged gzip"),
}


@pytest.mark.parametrize(("content", "says"), WRONG_IMAGES.values(), ids=WRONG_IMAGES)
def test_wrong_images(tmp_path, content, says):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        idx.read_images(path)
    assert str(path) in str(raised.value)
    assert says in str(raised.value)


WRONG_LABELS = {
    "images": (image_file(), "holds images, not labels"),
    "no whole number": (struct.pack(">2If", 0xD01, 1, 2.5), "labels[0] = 2.5 is not a whole"),
    "no number": (struct.pack(">2I2d", 0xE01, 2, 1, np.nan), "labels[1] is missing"),
    "one-hot": (struct.pack(">3I", 0x802, 1, 10) + bytes(10), "holds 10 columns, not labels"),
    "seven columns": (struct.pack(">3I", 0xC02, 1, 7) + bytes(28), "holds 7 columns"),
    "bytes in eight columns": (struct.pack(">3I", 0x802, 1, 8) + bytes(8), "holds 8 columns"),
    "more announced": (label_file((1, 2), announced=3), "truncated"),
    "fewer announced": (label_file((1, 2), announced=1), "more than the 1"),
    "none": (label_file(()), "nothing to read"),
}


@pytest.mark.parametrize(("content", "says"), WRONG_LABELS.values(), ids=WRONG_LABELS)
def test_wrong_labels(tmp_path, content, says):
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        idx.read_labels(path)
    assert str(path) in str(raised.value)
    assert says in str(raised.value)


def test_number_of_classes(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(label_file((3, 61)))
    assert idx.read_labels(path).tolist() == idx.read_labels(path, n_classes=62).tolist() == [3, 61]
    with pytest.raises(ValueError, match=r"n_classes = 0 .* \[1, inf\)"):
        idx.read_labels(path, n_classes=0)
    with pytest.raises(
        ValueError, match=r"label 61 of item 1 .* \[0, 60\]: give n_classes = 62 or"
    ):
        idx.read_labels(path, n_classes=61)
    path.write_bytes(struct.pack(">2I2h", 0xB01, 2, 3, -1))
    assert idx.read_labels(path).tolist() == [3, -1]
    with pytest.raises(ValueError, match=r"label -1 of item 1 is outside \[0, 9\]$"):
        idx.read_labels(path, n_classes=10)


TYPES = [(0x8, "u1"), (0x9, "i1"), (0xB, ">i2"), (0xC, ">i4"), (0xD, ">f4"), (0xE, ">f8")]


@pytest.mark.parametrize(("code", "kind"), TYPES, ids=[kind for _, kind in TYPES])
def test_every_type_of_the_format_is_read(tmp_path, code, kind):
    """Entries written in the order of the format are those of NumPy, in this machine's order."""
    path = tmp_path / "file"
    levels = np.arange(24).reshape(3, 2, 4) * (5 if kind == "u1" else -5)
    path.write_bytes(
        struct.pack(">4I", code << 8 | 3, *levels.shape) + levels.astype(kind).tobytes()
    )
    images = idx.read_images(path)
    assert images.dtype == np.dtype(kind).newbyteorder("=")
    np.testing.assert_array_equal(images, levels)
    path.write_bytes(struct.pack(">2I", code << 8 | 1, 3) + np.array([5, 0, 9], kind).tobytes())
    labels = idx.read_labels(path)
    assert labels.dtype == np.int64
    assert labels.tolist() == [5, 0, 9]


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 2, 1), (3, 1, 2, 2)])
def test_pictures_in_rows_and_with_a_channel(tmp_path, shape):
    path = tmp_path / "file"
    magic = struct.pack(f">{1 + len(shape)}I", 0x800 + len(shape), *shape)
    path.write_bytes(magic + bytes(range(12)))
    np.testing.assert_array_equal(idx.read_images(path), np.arange(12).reshape(3, 2, 2))
    if len(shape) == 2:
        wide = idx.read_images(path, shape=(1, 4))
        np.testing.assert_array_equal(wide, np.arange(12).reshape(3, 1, 4))


def test_labels_of_other_images(tmp_path):
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(image_file())
    labels.write_bytes(label_file((1, 2)))
    with pytest.raises(ValueError, match=r"labels: 2 labels for the 3 images of .*images"):
        idx.load(images, labels)


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        idx.read_images(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        idx.read_labels(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(image_file((1000, 1000, 1000), b"abc"), id="announces 1 GB, has 3 bytes"),
        pytest.param(image_file() + bytes(1 << 25), id="announces 24 bytes, has 32 MiB"),
        pytest.param(
            gzip.compress(image_file() + bytes(1 << 27), 1),
            id="announces 24 bytes, unpacks 128 MiB",
        ),
    ],
)
def test_a_file_that_lies_costs_no_memory(tmp_path, content):
    path = tmp_path / "images"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="header announces"):
            idx.read_images(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "file"


@given(st.binary(max_size=64))
def test_arbitrary_bytes(scratch, content):
    scratch.write_bytes(content)
    read_or_refuse(scratch)


@given(
    st.sampled_from([IMAGES, LABELS]),
    st.lists(st.one_of(st.integers(0, 4), st.integers(0, 2**32 - 1)), min_size=1, max_size=3),
    st.binary(max_size=80),
    st.booleans(),
)
def test_arbitrary_headers(scratch, magic, shape, payload, packed):
    content = struct.pack(f">{1 + len(shape)}I", magic, *shape) + payload
    scratch.write_bytes(gzip.compress(content) if packed else content)
    read_or_refuse(scratch)


@given(st.integers(0, len(GZIPPED) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_damaged_gzip(scratch, place, bytes_in_place, cut):
    tail = b"" if cut else GZIPPED[place + len(bytes_in_place) :]
    scratch.write_bytes(GZIPPED[:place] + bytes_in_place + tail)
    read_or_refuse(scratch)


@pytest.mark.data
def test_published_digits():
    """The test set of MNIST has 10000 images of 28 x 28 and these numbers of digits."""
    if "HEBBIAN_DATA_DIR" not in os.environ:
        pytest.skip("HEBBIAN_DATA_DIR does not name a folder with mnist/")
    folder = Path(os.environ["HEBBIAN_DATA_DIR"], "mnist")
    images, labels = idx.load(
        folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz"
    )
    assert images.shape == (10000, 28, 28)
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(labels).tolist() == counts
    assert labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert 0.18 < (images > 0).mean() < 0.21
