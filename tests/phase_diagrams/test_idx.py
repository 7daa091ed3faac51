"""IDX files: what is written is read; everything else is refused in one line, cheaply."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert images.dtype == labels.dtype == np.uint8
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
    "labels": (label_file((1, 2)), "magic number 0x00000801 (a file of labels)"),
    "little-endian": (struct.pack("<4I", IMAGES, 1, 1, 1) + b"0", "0x03080000 (its bytes are in"),
    "signed bytes": (image_file(magic=0x903), "magic number 0x00000903 (int8 in 3 dimensions)"),
    "floats": (image_file(magic=0xD03), "float32 in 3 dimensions"),
    "rows of pixels": (image_file(magic=0x802), "uint8 in 2 dimensions"),
    "unknown": (b"\0\0\xff\3" + bytes(90), "(unknown)"),
    "noise": (bytes(range(200, 256)), "(unknown)"),
    "no images": (image_file((0, 28, 28)), "0 x 28 x 28"),
    "no rows": (image_file((5, 0, 28)), "nothing to read"),
    "truncated": (image_file()[:-1], "= 24 bytes, the file has 23"),
    "trailing": (image_file() + b"\0", "more than the 3 x 2 x 4 = 24 bytes"),
    "huge": (image_file((2**32 - 1,) * 3, b""), "more than 1073741824"),
    "large and absent": (image_file((1 << 20, 1, 1000), b"abc"), "the file has 3"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "gzip, truncated payload": (gzip.compress(image_file()[:-3]), "the file has 21"),
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
    "images": (image_file(), "magic number 0x00000803 (a file of images)"),
    "out of range": (
        label_file((3, 200)),
        "label 200 of item 1 is outside [0, 9]: give n_classes = 201 or more",
    ),
    "negative": (struct.pack(">2I2h", 0xB01, 2, 3, -1), "label -1 of item 1 is outside [0, 9]"),
    "no whole number": (struct.pack(">2If", 0xD01, 1, 2.5), "label 2.5 of item 0 is outside"),
    "no number": (struct.pack(">2Id", 0xE01, 1, np.nan), "label nan of item 0 is outside"),
    "far beyond": (struct.pack(">2Ii", 0xC01, 1, 1 << 30), "outside [0, 9]"),
    "one-hot": (struct.pack(">3I", 0x802, 1, 10) + bytes(10), "uint8 in 2 dimensions"),
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
    assert idx.read_labels(path, n_classes=62).tolist() == [3, 61]
    with pytest.raises(ValueError, match=r"n_classes = 0 .* \[1, 256\]"):
        idx.read_labels(path, n_classes=0)


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


def read_or_refuse(path, content):
    path.write_bytes(content)
    for read, n_dims in ((idx.read_images, 3), (idx.read_labels, 1)):
        refusal = ""
        try:
            array = read(path)
        except ValueError as error:
            refusal = str(error)
        if refusal:
            assert refusal.startswith(str(path))
            assert "\n" not in refusal
        else:
            assert array.ndim == n_dims
            assert array.size > 0


@given(st.binary(max_size=64))
def test_arbitrary_bytes(scratch, content):
    read_or_refuse(scratch, content)


@given(
    st.sampled_from([IMAGES, LABELS]),
    st.lists(st.one_of(st.integers(0, 4), st.integers(0, 2**32 - 1)), min_size=1, max_size=3),
    st.binary(max_size=80),
    st.booleans(),
)
def test_arbitrary_headers(scratch, magic, shape, payload, packed):
    content = struct.pack(f">{1 + len(shape)}I", magic, *shape) + payload
    read_or_refuse(scratch, gzip.compress(content) if packed else content)


@given(st.integers(0, len(GZIPPED) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_damaged_gzip(scratch, place, bytes_in_place, cut):
    tail = b"" if cut else GZIPPED[place + len(bytes_in_place) :]
    read_or_refuse(scratch, GZIPPED[:place] + bytes_in_place + tail)


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


@pytest.mark.parametrize(
    "content",
    [
        struct.pack(">3I", 0xC02, 3, 8)
        + np.array([[5] + 7 * [99], [0] * 8, [9] * 8], ">i4").tobytes(),
        *(
            struct.pack(">2I", magic, 3) + np.array([5, 0, 9], kind).tobytes()
            for magic, kind in [(0x901, "i1"), (0xB01, ">i2"), (0xC01, ">i4"), (0xD01, ">f4")]
        ),
    ],
    ids=["QMNIST", "int8", "int16", "int32", "float32"],
)  # fmt: skip
def test_labels_of_other_types_are_read(tmp_path, content):
    path = tmp_path / "labels"
    path.write_bytes(content)
    labels = idx.read_labels(path)
    assert labels.dtype == np.uint8
    assert labels.tolist() == [5, 0, 9]


def test_letters_name_their_number_of_classes(tmp_path):
    path = tmp_path / "emnist-letters"
    path.write_bytes(label_file([1 + i % 26 for i in range(60)]))
    with pytest.raises(ValueError, match="give n_classes = 27 or more"):
        idx.read_labels(path)
    assert idx.read_labels(path, 27).max() == 26


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def npy():
    stream = io.BytesIO()
    np.save(stream, np.zeros((3, 2, 4), np.uint8))
    return stream.getvalue()


FOREIGN = {
    "page": (b"<!DOCTYPE html><html><title>404</title></html>" * 9, "an HTML page"),
    "packed page": (gzip.compress(b"\n <html><body>moved</body></html>"), "an HTML page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
    "npz": (npz(arr_0=np.zeros((3, 2, 4), np.uint8)), "a zip archive (npz"),
    "npy": (npy(), "a NumPy array"),
    "bzip2": (bz2.compress(image_file()), "compressed with bzip2"),
    "xz": (lzma.compress(image_file()), "compressed with xz"),
    "gzip twice": (gzip.compress(gzip.compress(image_file())), "compressed with gzip"),
    "pickle": (pickle.dumps({"data": [1]}), "a Python pickle"),
    "matlab": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128), "a MATLAB file"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(90), "an HDF5 file"),
    "parquet": (b"PAR1" + bytes(90), "a Parquet file"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(90), "a PNG image"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(90), "a JPEG image"),
    "tar": (b"images".ljust(257, b"\0") + b"ustar" + bytes(300), "a tar archive"),
    "table": (b"label,pixel1,pixel2\n5,0,0\n", "text (a table?)"),
    "json": (b'{"message": "not found"}', "text (JSON?)"),
    "xml": (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "an XML document"),
    "words": ("Größe\n".encode() * 200, "is text"),
}


@pytest.mark.parametrize(("content", "says"), FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("read", [idx.read_images, idx.read_labels])
def test_files_of_another_kind_are_called_what_they_are(tmp_path, content, says, read):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^[^\n]*, not an IDX file of (images|labels)$") as raised:
        read(path)
    assert says in str(raised.value)
