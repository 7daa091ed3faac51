"""Image sets as their publishers write them: read, or called what they are in one line."""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import tarfile
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st
from image_files import read_or_refuse

from phase_diagrams.retrieval import idx, idx_format, load, read_images, read_labels

GREY = np.arange(24, dtype=np.uint8).reshape(3, 2, 4)
CLASSES = np.array([7, 2, 1], np.uint8)


def idx_file(array, code=8):
    """Write an array as the format says: the type is the user's affair."""
    kind = {8: ">u1", 0xC: ">i4"}[code]
    header = struct.pack(f">4B{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(kind).tobytes()


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def npz(how=np.savez_compressed, **arrays):
    stream = io.BytesIO()
    how(stream, **arrays)
    return stream.getvalue()


def archive(method=zipfile.ZIP_DEFLATED, **files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, bz2.compress])
def test_compression_is_known_by_content(tmp_path, pack):
    for number, (images, labels) in enumerate(
        [(idx_file(GREY), idx_file(CLASSES)), (npy(GREY), npy(CLASSES)),
         (npz(arr_0=GREY), b"7\n2\n1\n")]
    ):  # fmt: skip
        paths = tmp_path / f"{number}.gz", tmp_path / f"{number}.labels"
        for path, content in zip(paths, (images, labels), strict=True):
            path.write_bytes(pack(content))
        found, names = load(*paths)
        np.testing.assert_array_equal(found, GREY)
        np.testing.assert_array_equal(names, CLASSES)


def test_qmnist(tmp_path):
    """Eight columns of 32 bits, as section 2.2 of its page lists them: the class is the first."""
    rows = np.array([[5, 0, 11, 3, 35, 90, 0, 0], [0, 4, 2100, 0, 30, 7, 0, 0],
                     [9, 1, 610, 149, 39, 281769, 0, 0]])  # fmt: skip
    labels, images = tmp_path / "xnist-labels-idx2-int.xz", tmp_path / "xnist-images-idx3-ubyte.xz"
    content = idx_file(rows, 0xC)
    assert content[:12] == bytes.fromhex("00000c02 00000003 00000008")
    labels.write_bytes(lzma.compress(content))
    images.write_bytes(lzma.compress(idx_file(GREY)))
    found, names = load(images, labels)
    np.testing.assert_array_equal(found, GREY)
    assert names.tolist() == [5, 0, 9]
    assert len(idx_format.QMNIST) == 8
    table = tmp_path / "qmnist-test-labels.tsv"
    table.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows.tolist()))
    assert read_labels(f"{table}:0").tolist() == [5, 0, 9]
    assert read_labels(f"{table}:4").tolist() == [35, 30, 39]


@pytest.mark.parametrize(
    ("name", "n_classes"),
    [("letters", 26), ("balanced", 47), ("byclass", 62), ("bymerge", 47), ("digits", 10),
     ("mnist", 10)],
)  # fmt: skip
def test_emnist(tmp_path, name, n_classes):
    """Pictures are turned by the name of the file or when asked, never by what they show."""
    first = 1 if name == "letters" else 0
    classes = np.arange(first, first + n_classes)
    stored = np.arange(n_classes * 6).reshape(n_classes, 2, 3) % 256
    images = tmp_path / f"emnist-{name}-train-images-idx3-ubyte.gz"
    labels = tmp_path / f"emnist-{name}-train-labels-idx1-ubyte.gz"
    images.write_bytes(gzip.compress(idx_file(stored)))
    labels.write_bytes(gzip.compress(idx_file(classes)))
    found, names = load(images, labels)
    np.testing.assert_array_equal(names, classes)
    np.testing.assert_array_equal(found, stored.transpose(0, 2, 1))
    np.testing.assert_array_equal(read_images(images, transposed=False), stored)
    other = images.rename(tmp_path / "letters.gz")
    np.testing.assert_array_equal(read_images(other), stored)
    np.testing.assert_array_equal(read_images(other, transposed=True), found)
    with pytest.raises(ValueError, match=r"transposed \(or 'auto'\) = 'yes' is not True or False"):
        read_images(other, transposed="yes")


def test_numpy_archives(tmp_path):
    """KMNIST: one array each.  Keras and MedMNIST: named; what alone can be meant needs none."""
    kmnist = tmp_path / "kmnist-train-imgs.npz", tmp_path / "kmnist-train-labels.npz"
    kmnist[0].write_bytes(npz(arr_0=GREY))
    kmnist[1].write_bytes(npz(arr_0=CLASSES))
    keras, medical = tmp_path / "mnist.npz", tmp_path / "bloodmnist.npz"
    keras.write_bytes(npz(x_train=GREY, y_train=CLASSES, x_test=GREY[:2] + 1, y_test=CLASSES[:2]))
    medical.write_bytes(
        npz(np.savez, train_images=np.asfortranarray(GREY), train_labels=CLASSES[:, None])
    )
    for images, labels in (
        kmnist,
        (f"{keras}:x_train", f"{keras}:y_train"),
        (f"{medical}:train_images", f"{medical}:train_labels"),
        (medical, medical),
    ):
        found, names = load(images, labels)
        np.testing.assert_array_equal(found, GREY)
        assert names.tolist() == CLASSES.tolist()
    np.testing.assert_array_equal(read_images(f"{keras}:x_test"), GREY[:2] + 1)
    for read, name, says in (
        (read_images, keras, "several arrays that may be images, x_train (3, 2, 4), x_test (2,"),
        (read_labels, keras, "several arrays that may be labels, y_train (3,), y_test (2,): name"),
        (read_images, f"{keras}:x", "has no array 'x': it has x_train, y_train, x_test, y_test"),
        (read_images, f"{keras}:y_test", "y_test holds labels, not images"),
        (read_labels, f"{keras}:x_test", "x_test holds images, not labels"),
        (read_labels, kmnist[0], "holds images, not labels"),
    ):
        with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
            read(name)
        assert says in str(raised.value)


def test_medical_images_that_are_no_grey_pictures(tmp_path):
    path = tmp_path / "pathmnist.npz"
    for shape, says in (((3, 4, 4, 3), "in colour"), ((3, 5, 5, 5), "of three dimensions")):
        path.write_bytes(npz(test_images=np.zeros(shape, np.uint8), test_labels=CLASSES[:, None]))
        with pytest.raises(ValueError, match=says):
            read_images(path)
    path.write_bytes(npz(test_labels=np.eye(3, 14, dtype=int)))
    with pytest.raises(ValueError, match="holds 14 columns, not labels"):
        read_labels(path)


def matlab():
    stream = io.BytesIO()
    scipy.io.savemat(stream, {"dataset": GREY})
    return stream.getvalue()


def tar():
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as file:
        file.addfile(tarfile.TarInfo("notMNIST_small/A/a.png"))
    return stream.getvalue()


LETTERS = {"gzip/emnist-letters-train-images-idx3-ubyte.gz": b"1"}
MANY = {f"{k}.gz": b"" for k in range(30)}
FOREIGN = {
    "page": (b"<!DOCTYPE html><html><title>404</title></html>" * 9, "an HTML page, not a file of"),
    "packed page": (gzip.compress(b"\n <html><body>moved</body></html>"), "an HTML page, compress"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
    "zip": (archive(**LETTERS), f"a zip archive of {next(iter(LETTERS))}: unpack it first"),
    "zip of many": (archive(**MANY), "7.gz and 22 more: unpack it first"),
    "zip of nothing": (archive(), "an empty zip archive"),
    "start of a zip": (b"PK\x03\x04" + bytes(60), "a damaged zip archive"),
    "npz cut": (npz(a=GREY)[:-30], "a damaged zip archive, or cut short"),
    "npz with lzma": (archive(zipfile.ZIP_LZMA, **{"a.npy": npy(GREY)}), "as NumPy does not"),
    "objects": (npy(np.array([{}], object), allow_pickle=True), "Python objects, which may run"),
    "objects in npz": (npz(a=np.array([{}], object)), "Python objects, which may run"),
    "dates": (npy(np.array(["2001-01-01"], "M8[D]")), "holds datetime64[D], not"),
    "number": (npy(np.array(3)), "a single entry"),
    "npy cut in its header": (npy(GREY)[:40], "damaged header of a NumPy array"),
    "tar": (tar(), "a tar archive, compressed with gzip, not"),
    "gzip twice": (gzip.compress(gzip.compress(idx_file(GREY))), "compressed with gzip, compress"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(90), "compressed with zstd"),
    "pickle": (pickle.dumps({"data": [1]}), "a Python pickle"),
    "matlab": (matlab(), "a MATLAB file, not"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(90), "an HDF5 file"),
    "parquet": (b"PAR1" + bytes(90), "a Parquet file"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(90), "a PNG image"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(90), "a JPEG image"),
    "json": (b'{"message": "not found"}', "text (JSON?)"),
    "xml": (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "an XML document"),
    "xz cut": (lzma.compress(idx_file(GREY))[:-9], "damaged xz file, or cut short"),
    "bzip2 cut": (bz2.compress(idx_file(GREY))[:-9], "damaged bzip2 file, or cut short"),
    "bzip2 changed": (bz2.compress(idx_file(GREY))[:-9] + bytes(9), "damaged bzip2 file"),
}


@pytest.mark.parametrize(("content", "says"), FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("read", [read_images, read_labels])
def test_files_of_another_kind_are_called_what_they_are(tmp_path, content, says, read):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        read(path)
    assert str(path) in str(raised.value)
    assert says in str(raised.value)


def test_a_table_holds_no_images(tmp_path):
    path = tmp_path / "mnist_train.csv"
    path.write_text("label,pixel1,pixel2\n5,0,0\n")
    with pytest.raises(ValueError, match=r"is text \(a table\?\), not a file of images: pixels in"):
        read_images(path)
    path.write_text("7\n2\n1\n")
    with pytest.raises(ValueError, match=r"is text, not a file of images"):
        read_images(path)
    path.write_bytes(idx_file(GREY))
    with pytest.raises(ValueError, match=r"has no part 'x': it is no archive"):
        read_images(f"{path}:x")


def header(shape, kind="|u1"):
    """Write the header of an npy file that announces a shape."""
    text = repr({"descr": kind, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    "content",
    [
        header((1 << 20, 1, 1000)) + b"abc",
        header((1 << 40, 28, 28)),
        header((3, 2, 4)) + bytes(1 << 25),
        archive(**{"a.npy": header((3, 2, 4)) + bytes(1 << 27)}),
        archive(**{"a.npy": header((1 << 20, 1, 1000)) + b"abc"}),
        lzma.compress(idx_file(GREY) + bytes(1 << 27), preset=0),
        bz2.compress(idx_file(GREY) + bytes(1 << 27), 1),
    ],
    ids=["npy announces", "npy announces more", "npy has more", "npz unpacks", "npz announces",
         "xz unpacks", "bzip2 unpacks"],
)  # fmt: skip
def test_a_file_that_lies_costs_no_memory(tmp_path, content):
    path = tmp_path / "images"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="header announces"):
            read_images(path)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()


def test_an_xz_file_does_not_choose_the_memory(tmp_path):
    """A dictionary of 1.5 GiB, as a header may ask for."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    content = bytearray(lzma.compress(idx_file(GREY), filters=filters))
    place = content.index(b"\x21\x01") + 2  # LZMA2, one byte of properties
    content[place] = 39  # 3 << 30 bytes, section 5.3.1 of the xz file format
    size = (content[12] + 1) * 4  # of the block header, whose checksum follows
    content[12 + size - 4 : 12 + size] = struct.pack(
        "<I", zlib.crc32(bytes(content[12 : 12 + size - 4]))
    )
    path = tmp_path / "images.xz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"images\.xz: damaged xz file.*[Mm]emory usage limit"):
        read_images(path)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "file"


WHOLE = [
    idx_file(GREY), idx_file(CLASSES), npy(GREY), npy(CLASSES), npz(x=GREY, y=CLASSES),
    npz(np.savez, x=GREY), gzip.compress(npy(GREY)), lzma.compress(idx_file(GREY)),
    bz2.compress(idx_file(CLASSES)), b'index,label,x\n0,7,"tea, green"\n1,2,\xc3\xb6\n',
    b"7\n2\n1\n",
]  # fmt: skip


@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 10**4), st.binary(min_size=1, max_size=5)), max_size=3),
    st.none() | st.integers(0, 10**4),
    st.sampled_from(["", ":x", ":1", ":label"]),
)
def test_damaged_files(scratch, content, changes, end, part):
    """Bytes changed or cut off: read as what was asked, or refused in one line with the name."""
    damaged = bytearray(content)
    for place, new in changes:
        place %= len(content)
        damaged[place : place + len(new)] = new
    scratch.write_bytes(bytes(damaged[: None if end is None else end % (len(damaged) + 1)]))
    read_or_refuse(scratch, part)


def test_only_names_of_emnist_are_transposed():
    for name in (
        "emnist-mnist-test-images-idx3-ubyte",
        "EMNIST-byclass-train-images-idx3-ubyte.gz",
    ):
        assert idx.stored_transposed(f"letters/{name}")
        assert not idx.stored_transposed(f"{name}/images.gz")
        assert not idx.stored_transposed(f"upright-{name}")
    assert not idx.stored_transposed("emnist-letters-train-images.npy")


def test_one_door():
    assert (idx.load, idx.read_images, idx.read_labels) == (load, read_images, read_labels)
