import os
import resource
import shutil

import crashes
import numpy as np
import pytest
import xarray as xr

import phase_diagrams
from hebbian import Hopfield
from phase_diagrams.stores import headers, integrity
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps import running

pytestmark = pytest.mark.heavy

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}


@pytest.fixture(scope="module")
def sound(tmp_path_factory, settings):
    out = tmp_path_factory.mktemp("sound") / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    return out


@pytest.fixture
def out(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "study.zarr")


def resume(out, settings):
    return phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)


def groups(tree):
    return {name: child.to_dataset().drop_attrs() for name, child in tree.children.items()}


def assert_mended(out, sound, settings):
    tree = resume(out, settings)
    assert integrity.check(out) == []
    assert crashes.rows(out) == crashes.rows(sound)
    expected = groups(phase_diagrams.open(sound))
    with xr.open_datatree(out, engine="zarr", consolidated=False) as plain:
        for found in (tree, phase_diagrams.open(out), plain):
            for name, group in expected.items():
                xr.testing.assert_identical(found[name].to_dataset().load().drop_attrs(), group)


def row_file(out):
    (file,) = (path for path in out.glob("cells/*/rows/c/**/*") if path.is_file())
    return file


def flip(file, position):
    content = bytearray(file.read_bytes())
    content[position] ^= 4
    file.write_bytes(content)


def test_every_flipped_bit_of_a_row_is_seen_and_mended(out, sound, settings, caplog):
    file = row_file(out)
    size = file.stat().st_size // 6
    for position in (0, 9, size - 1):  # status, a number, checksum of the third row
        flip(file, 2 * size + position)
        caplog.clear()
        tree = phase_diagrams.open(out)
        np.testing.assert_array_equal(tree["simulation/status"], [[1, 1, 3], [1, 1, 1]])
        assert np.isnan(tree["simulation/m"][0, 2])
        assert tree["simulation/m"].notnull().sum() == 5
        assert "1 points are damaged; resuming the sweep computes them again" in caplog.text
        assert Store(out).counts()["damaged"] == 1
        assert integrity.check(out) == [f"{out / 'cells' / 'grid' / 'rows'}: 1 points are damaged"]
        flip(file, 2 * size + position)
        assert integrity.check(out) == []
    flip(file, 2 * size)
    assert_mended(out, sound, settings)


def test_a_row_that_is_being_written_is_read_again(out, monkeypatch):
    pread, torn = os.pread, []

    def tear(handle, size, offset):
        content = bytearray(pread(handle, size, offset))
        if not torn:
            content[-1] ^= 1
        torn.append(offset)
        return bytes(content)

    monkeypatch.setattr(os, "pread", tear)
    assert (phase_diagrams.open(out)["simulation/status"] == 1).all()
    assert len(torn) == 2


def test_a_damaged_header_of_a_round_is_read_from_its_copy(sound, settings, tmp_path):
    whole = tmp_path / "whole.zarr"
    shutil.copytree(sound, whole)
    expected = groups(phase_diagrams.refine(whole, 2)["refinement"])
    for harm in (b"", b"{"):
        header = Store(whole).parts()[1].folder / "zarr.json"
        header.write_bytes(harm)
        assert integrity.check(whole)[0].startswith(f"{header} is damaged")
        found = groups(phase_diagrams.open(whole)["refinement"])
        assert all(found[name].identical(group) for name, group in expected.items())
        resume(whole, settings)
        assert integrity.check(whole) == []


def test_damaged_points_of_a_round_are_mended(sound, settings, tmp_path):
    whole = shutil.copytree(sound, tmp_path / "whole.zarr")
    expected = groups(phase_diagrams.refine(whole, 2)["refinement"])
    before = crashes.rows(whole)
    (file,) = (p for p in whole.glob("cells/refinement_001/rows/c/**/*") if p.is_file())
    flip(file, 9)
    assert len(integrity.check(whole)) == 1
    with pytest.raises(ValueError, match="has an interrupted refinement: resume it"):
        phase_diagrams.refine(whole, 1)
    shutil.rmtree(whole / "refinement" / "001" / "theory")
    assert len(integrity.check(whole)) == 2
    with pytest.raises(ValueError, match=r"resuming the sweep \(--resume\) mends it"):
        phase_diagrams.open(whole)
    resume(whole, settings)
    assert crashes.rows(whole) == before
    assert integrity.check(whole) == []
    found = groups(phase_diagrams.open(whole)["refinement"])
    assert all(found[name].identical(group) for name, group in expected.items())


def test_rows_that_changed_places_are_seen(out, sound, settings):
    file = row_file(out)
    size = file.stat().st_size // 6
    content = file.read_bytes()
    file.write_bytes(content[size : 2 * size] + content[:size] + content[2 * size :])
    assert Store(out).counts()["damaged"] == 2
    assert_mended(out, sound, settings)


@pytest.mark.parametrize("left", [0, 100, -1])
def test_a_truncated_file_of_rows_costs_what_it_lacks(left, out, sound, settings):
    file = row_file(out)
    os.truncate(file, left if left >= 0 else file.stat().st_size - 1)
    lost = 1 if left < 0 else 6
    assert Store(out).counts() == {
        "points": 6, "done": 6 - lost, "failed": 0, "pending": 0, "damaged": lost,
    }  # fmt: skip
    assert_mended(out, sound, settings)


def test_a_missing_file_of_rows_is_written_again(out, sound, settings):
    row_file(out).unlink()
    assert Store(out).counts()["damaged"] == 6
    assert_mended(out, sound, settings)


def change(text, old, new):
    assert old in text
    return text.replace(old, new)


DAMAGES = {
    "flipped": ("m/c/0/0", lambda b: b[:3] + bytes([b[3] ^ 1]) + b[4:], "checksum is wrong"),
    "truncated": ("energy/c/0/0", lambda b: b[:-5], "47 bytes of 52"),
    "longer": ("q/c/0/0", lambda b: b + b"0", "53 bytes of 52"),
    "missing": ("T/c/0", None, "missing"),
    "header": ("m/zarr.json", lambda b: b[:40], "zarr.json is damaged"),
    "no header": ("m/zarr.json", None, "is missing"),
    "huge": ("m/zarr.json", lambda b: b.replace(b"3\n", b"3000000000000\n"), "lengths"),
    "codec": (
        "m/zarr.json", lambda b: b.replace(b"crc32c", b"gzip"), "not one uncompressed chunk",
    ),
    "type": (
        "m/zarr.json", lambda b: b.replace(b'"float64"', b'"string"'), "not one uncompressed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("group", ["theory", "simulation"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_variables_are_named_and_mended(group, damage, out, sound, settings):
    name, harm, words = DAMAGES[damage]
    file = out / group / name
    content = file.read_bytes()
    file.unlink()
    if harm is not None:
        assert harm(content) != content
        file.write_bytes(harm(content))
    found = integrity.check(out)
    assert len(found) == 1
    assert words in found[0]
    assert str(out / group / name.partition("/")[0]) in found[0]
    assert "\n" not in found[0]
    if group == "theory":
        with pytest.raises(ValueError, match=r"resuming the sweep \(--resume\) mends it"):
            phase_diagrams.open(out)
    else:
        expected = groups(phase_diagrams.open(sound))["simulation"]
        assert groups(phase_diagrams.open(out))["simulation"].identical(expected)
    if damage in ("flipped", "no header"):
        assert_mended(out, sound, settings)


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "remove"])
def test_a_damaged_root_is_read_from_its_copy(harm, out, sound, settings):
    header = out / "zarr.json"
    text = header.read_text()
    if harm == "remove":
        header.unlink()
    else:
        header.write_text({"flip": change(text, '"seed": 5', '"seed": 4'), "cut": text[:99],
                           "empty": ""}[harm])  # fmt: skip
    assert "zarr.json" in integrity.check(out)[0]
    assert groups(phase_diagrams.open(out))["theory"].identical(
        groups(phase_diagrams.open(sound))["theory"]
    )
    assert_mended(out, sound, settings)


def test_a_root_damaged_beyond_its_copy_is_one_line(out):
    for header in (out / "zarr.json", out / "cells" / "zarr.json"):
        header.write_text(change(header.read_text(), '"seed": 5', '"seed": 4'))
    with pytest.raises(ValueError, match=r"zarr.json is damaged: its digest is wrong$"):
        phase_diagrams.open(out)


def test_a_store_that_must_not_be_read_is_not_called_something_else(out, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(headers, "header", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        phase_diagrams.open(out)


def test_stores_of_another_layout_are_refused(out, settings):
    for folder in (out, out / "cells"):
        older = {**headers.attributes(folder), "schema_version": 2}
        headers.write_header(folder, older)
    for attempt in (phase_diagrams.open, lambda path: resume(path, settings)):
        with pytest.raises(ValueError, match="has layout 2, this version reads layout 5"):
            attempt(out)


def test_a_foreign_folder_in_a_store_is_left_alone(out, settings):
    (out / "refinement").mkdir()
    (out / "refinement" / "notes.txt").write_text("mine")
    assert integrity.check(out) == []
    resume(out, settings)
    assert (out / "refinement" / "notes.txt").read_text() == "mine"


@pytest.fixture
def small_files():
    """No file of this process may grow beyond a limit."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_no_room_for_the_points_is_told_before_any_is_computed(settings, tmp_path, small_files):
    small_files(20_000)
    large = {"alpha": 0.1, "T": np.linspace(0.1, 1, 500)}
    with pytest.raises(OSError, match=r"no room for the \d+ bytes of 500 points"):
        phase_diagrams.sweep(
            Hopfield(), large, out=tmp_path / "study.zarr", theory=False, **settings
        )
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_on_the_way_loses_nothing(sound, settings, tmp_path, monkeypatch):
    out = tmp_path / "study.zarr"
    pwrite, written = os.pwrite, []

    def full(handle, content, offset):
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(offset)
        return pwrite(handle, content, offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left on device"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    monkeypatch.undo()
    assert Store(out).counts()["done"] == 3
    assert_mended(out, sound, settings)


def test_a_full_disk_at_publication_loses_nothing(sound, settings, tmp_path, monkeypatch):
    out = tmp_path / "study.zarr"

    def full(store):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(running, "publish", full)
    with pytest.raises(OSError, match="No space left on device"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    monkeypatch.undo()
    assert Store(out).counts()["done"] == 6
    monkeypatch.setattr(running, "outcomes", lambda tasks, *_, **__: ((t, 1 / 0) for t in tasks))
    assert_mended(out, sound, settings)


def test_a_folder_that_cannot_be_written_is_one_line(out, settings, tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    finished = phase_diagrams.open(out)
    # Another user may not read where this interpreter lives: what is imported late is so now.
    phase_diagrams.sweep(Hopfield(), GRID, out=tmp_path / "open.zarr", **settings)
    for path in (out, *out.rglob("*")):
        path.chmod(0o555)
    tmp_path.chmod(0o755)
    for path in tmp_path.parents:
        if path.name.startswith(("pytest-", "popen-")):  # folders that pytest made
            path.chmod(0o711)
    user = os.geteuid()
    try:
        if user == 0:  # root may write anywhere
            os.seteuid(65534)
        with pytest.raises(PermissionError) as refusal:
            phase_diagrams.sweep(Hopfield(), GRID, out=closed / "study.zarr", **settings)
        assert groups(phase_diagrams.open(out)).keys() == groups(finished).keys()
        assert "\n" not in str(refusal.value)
    finally:
        os.seteuid(user)
    assert list(closed.iterdir()) == []


def test_stores_and_their_readers_use_no_pickle(out):
    for path in out.rglob("zarr.json"):
        text = path.read_text()
        assert not any(word in text for word in ("pickle", "object", "vlen", "numcodecs"))
