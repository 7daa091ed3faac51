"""Every claim of the gallery, in its quick version, from the command line."""

import json
import math

import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread

from phase_diagrams.cli import main
from phase_diagrams.gallery import claims


@pytest.mark.parametrize("name", claims.names())
def test_quick_version(name, tmp_path, capsys):
    assert main(["gallery", name, "--quick", "--out", str(tmp_path)]) == 0
    folder = tmp_path / name
    caption = (folder / "caption.txt").read_text().strip()
    assert caption in capsys.readouterr().out
    assert "nan" not in caption.split()
    assert (folder / "figure.pdf").read_bytes().startswith(b"%PDF")
    png = imread(folder / "figure.png")
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as tree:
        assert json.loads(tree.attrs["parameters"])
        numbers = sum(
            int(v.notnull().sum()) for node in tree.subtree for v in node.data_vars.values()
        )
        assert numbers > 0
    made = (folder / "data.nc").stat().st_mtime_ns
    assert main(["gallery", name, "--quick", "--out", str(tmp_path)]) == 0
    assert (folder / "data.nc").stat().st_mtime_ns == made
    # matplotlib smooths the edge of one and the same line in one of two ways, by chance, some
    # hundredths apart along the line; a changed letter is several times the bound.
    assert np.abs(imread(folder / "figure.png") - png).mean() < 1e-5


@pytest.mark.parametrize("name", claims.names())
def test_full_version_is_larger(name):
    claim = claims.find(name)
    full, quick = claim.parameters(), claim.parameters(quick=True)
    assert full != quick
    assert 0 < claim.minutes < 120
    assert math.isfinite(claim.minutes)
    assert claim.statement.endswith(".")


def test_other_parameters_are_refused(tmp_path, capsys):
    (tmp_path / "ags_diagram").mkdir()
    xr.Dataset(attrs={"fingerprint": "another"}).to_netcdf(
        tmp_path / "ags_diagram" / "data.nc", engine="h5netcdf"
    )
    assert main(["gallery", "ags_diagram", "--quick", "--out", str(tmp_path)]) == 2
    assert "with other parameters" in capsys.readouterr().err


def test_names(capsys):
    assert main(["gallery", "no_such_claim"]) == 2
    assert "claim = 'no_such_claim' is not one of ags_diagram" in capsys.readouterr().err
    assert main(["gallery", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(claims.names())
