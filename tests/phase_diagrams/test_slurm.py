import os
import re
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest

from phase_diagrams.sweeps import slurm, submitted
from phase_diagrams.sweeps.executors import open_executor
from phase_diagrams.sweeps.slurm import job_script

pytest.importorskip("distributed")

JOBS = """
jobs = 4
queue = "batch"
cores = 8
processes = 8
memory = "16GB"
walltime = "02:00:00"
interface = "ib0"
job_extra_directives = ["--constraint=avx512"]
job_script_prologue = ["module load python"]
"""


def test_the_script_of_a_slurm_job(tmp_path):
    if find_spec("dask_jobqueue") is None:
        pytest.skip("needs dask-jobqueue")
    file = tmp_path / "cluster.toml"
    file.write_text(JOBS)
    usual = signal.getsignal(signal.SIGINT)
    script = job_script(str(file))
    assert signal.getsignal(signal.SIGINT) is usual  # the package installs its own
    for line in ("-p batch", "--cpus-per-task=8", "-t 02:00:00", "--constraint=avx512"):
        assert f"#SBATCH {line}\n" in script
    assert "\nmodule load python\n" in script
    assert "--nworkers 8" in script
    assert "--nthreads 1 " in script
    assert "--interface ib0" in script


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("jobs = 4", ""), "missing required field `jobs`"),
        (("jobs = 4", "jobs = 0"), r"jobs = 0 is outside the allowed range \[1, inf\)"),
        (("cores = 8", 'cores = "8"'), r"Expected `int`, got `str` - at `\$.cores`"),
        (("queue", "queeu"), "unknown field `queeu`"),
        (("jobs = 4", "jobs = "), "Invalid value"),
    ],
)
def test_descriptions_of_jobs_are_checked(change, words, tmp_path):
    file = tmp_path / "cluster.toml"
    file.write_text(JOBS.replace(*change))
    with pytest.raises(ValueError, match=words) as refusal:
        job_script(str(file))
    assert str(refusal.value).startswith(str(file))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('protocol = "ucx://"', "Invalid enum value 'ucx://'"),
        ('security = true\nprotocol = "tcp://"', "security = true contradicts protocol"),
        ('security = false\nprotocol = "tls://"', "security = false contradicts protocol"),
        ("security = false", "keeps the scheduler on loopback"),
        ('scheduler_options = {protocol = "tcp://"}', "put it beside them"),
        ("scheduler_options = {security = false}", "put it beside them"),
    ],
)
def test_words_for_the_network_are_checked(words, reason, tmp_path):
    file = tmp_path / "cluster.toml"
    file.write_text(JOBS + words + "\n")
    with pytest.raises(ValueError, match=reason) as refusal:
        slurm.read_jobs(str(file))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("words", "encrypted", "loopback"),
    [
        ("", True, False),
        ('protocol = "tls://"', True, False),
        ("security = false", False, True),
        ('security = false\nscheduler_options = {host = "localhost"}', False, True),
        ('protocol = "tcp://"', False, False),
        ('protocol = "tcp://"\nscheduler_options = {host = "127.0.0.1"}', False, True),
        ('protocol = "tcp://"\nscheduler_options = {host = "0.0.0.0"}', False, False),
    ],
)
def test_who_hears_the_scheduler(words, encrypted, loopback, tmp_path):
    file = tmp_path / "cluster.toml"
    file.write_text(JOBS.replace('interface = "ib0"', words))
    jobs = slurm.read_jobs(str(file))
    assert jobs.encrypted == encrypted
    if not encrypted:
        assert jobs.on_loopback == loopback


SBATCH = """#!/bin/sh
cp "$1" {folder}/job.sh
nohup sh {folder}/job.sh >/dev/null 2>&1 &
echo $! >{folder}/pid
echo "Submitted batch job 1"
"""

STRANGER = """
import sys
from distributed import Client
try:
    with Client(sys.argv[1], timeout=3) as client:
        print(client.run_on_scheduler(lambda: "it obeys"))
except Exception as error:
    print(type(error).__name__)
"""


@pytest.fixture
def slurm_here(tmp_path, monkeypatch):
    """Commands of SLURM that run the one job on this machine."""
    if find_spec("dask_jobqueue") is None or find_spec("cryptography") is None:
        pytest.skip("needs dask-jobqueue and cryptography")
    folder = tmp_path / "bin"
    folder.mkdir()
    scripts = {"sbatch": SBATCH.format(folder=tmp_path), "squeue": "#!/bin/sh\necho 1\n"}
    scripts["scancel"] = f"#!/bin/sh\nkill $(cat {tmp_path}/pid)\n"
    for name, script in scripts.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs.toml").write_text('jobs = 1\ncores = 1\nmemory = "2GB"\n')
    return folder


def test_a_scheduler_of_jobs_runs_no_code_of_strangers(slurm_here, tmp_path):
    with open_executor("slurm:jobs.toml") as pool:
        assert pool.submit(divmod, 7, 2).result(60) == (3, 1)
        script = (tmp_path / "job.sh").read_text()
        (folder,) = tmp_path.glob(".hebbian-tls-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
        place = re.search(r"tls://(\S+)", script)[1]
        for address in (f"tls://{place}", f"tcp://{place}"):
            command = [sys.executable, "-W", "ignore", "-c", STRANGER, address]
            told = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
            assert re.fullmatch(r"\w+(Error|Closed)\n", told)
    assert not [*tmp_path.glob(".hebbian-tls-*")]


def test_jobs_that_slurm_refuses_or_forgets(slurm_here, monkeypatch):
    monkeypatch.setattr(submitted, "ASK", 0.1)
    (slurm_here / "sbatch").write_text("#!/bin/sh\necho Submitted batch job 1\n")
    (slurm_here / "squeue").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(OSError, match="no job is left in the queue"):
        open_executor("slurm:jobs.toml").__enter__()
    (slurm_here / "sbatch").write_text("#!/bin/sh\necho no such partition >&2\nexit 1\n")
    with pytest.raises(OSError, match="sbatch refuses the jobs: no such partition"):
        open_executor("slurm:jobs.toml").__enter__()
    (slurm_here / "sbatch").unlink()
    with pytest.raises(OSError, match="there is no command sbatch"):
        open_executor("slurm:jobs.toml").__enter__()
