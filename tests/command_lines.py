"""Command lines that are right but for a few entries: every flag of every command."""

from hypothesis import strategies as st

SMALL = ["--n-spins", "20", "--warmup", "2", "--sweeps", "10", "--stride", "2", "--n-samples", "2"]
STUDY = """
[model]
model = "dense"
order = 3
[grid]
alpha = "0.05:0.1:2"
T = [0.1, 0.3]
n_spins = 20
[settings]
n_samples = 2
warmup = 2
sweeps = 10
stride = 2
"""
WORDS = ["", "x", "-", "--", "nan", "inf", "-1", "0", "1e400", "1e-300", "²", "\x00", "a\nb", "[1]"]
WORDS += ["é", " ", "99999999999999999999", "1e-320", "0x10", "1_0", "٣", ".", "..", "/", "None"]
NUMBERS = ["0", "0.1", "0.5", "2", "3", "0.1,0.5", "0:0.5:2", "0.5:0.1:3", "0.3,0.3", "0:1:1"]
NUMBERS += ["1:", ",", "0.1,", "0:1:1e9", "0:inf:3", "nan:1:2", "0:1:0", "0:1:-3", "::", *WORDS]
COUNTS = ["1", "2", "2,3", "1.5", "3,2,2", "1:3:3", "0.5:2:2", *WORDS]
RATES = ["0.5", "1", "0.9,0.2", "1e-9", "0:1:2", *WORDS]
EXECUTORS = ["serial", "process:0", "process:", "process:x", "process:99999", "dask-file:none"]
EXECUTORS += ["dask-file:.", "slurm:none", "slurm:.", "dask:", "serial:", "Serial", *WORDS]
SHARDS = ["1/1", "1/2", "2/1", "0/0", "0/2", "1/0", "5/4", "1", "/", "1/2/3", "-1/2", "1/99999999"]
SHARDS += ["1/ 2", "²/3", *WORDS]

NETWORKS = ["hopfield", "dense", "multitasking", "exponential", "sparsedistributed", "dreaming"]
NETWORKS += ["couplings", "assembly", "bam", "tam", "sequence", "exponentialsequence"]
NETWORKS += ["teacherstudent"]
MODEL = {
    "--model": [*NETWORKS, *WORDS],
    "--rule": ["storing", "supervised", "unsupervised", *WORDS],
    "--indices": ["distinct", "all", *WORDS],
    "--sampling": ["independent", "stratified", *WORDS],
    "--order": ["2", "3", "4", "9", "3,4", "2:4:3", "2,4,4", "2.5", *WORDS],
    "--own-site": ["included", "excluded", *WORDS],
    "--couplings": ["0,1;1,0", "1", "0,1;2,0", ";", "J.npy", "sherrington-kirkpatrick", *WORDS],
    "--weights": ["zipf:1", "palimpsest:3", "1,0.5", "zipf", "zipf:-1", "G.npy", "G.txt", *WORDS],
    "--sizes": ["1,2", "1,1,1", "1", "0,1", *WORDS],
    "--sleep": ["1", "0,2", "0:1:3", "inf,1", "1:inf:2", *WORDS],
    "--signal": ["3", "0.5,2", "1:3:3", "0", *WORDS],
    "--teacher-temperature": ["1.5", "2,3", "1", "2:3:2", *WORDS],
    "--sharpness": ["0.5", "1,2", "0.5:1:2", "1e-6", "1e4", *WORDS],
    "--radius": ["0.2", "0.1,0.4", "0.1:0.3:3", "0.5", *WORDS],
    "--n-neurons": COUNTS,
    "--quality": RATES,
    "--n-examples": COUNTS,
    "--dilution": NUMBERS,
    "--n-patterns": COUNTS,
    "--alpha": NUMBERS,
    "--T": NUMBERS,
    "--parameter": ["order=3", "order", "=", "x=[", "T=1", "rule=1", "quality=0.5", *WORDS],
}
DYNAMICS = ["glauber", "metropolis", "zero-temperature", "parallel", "parallel-diagonal"]
DYNAMICS += ["layers", "plefka", "mean-field"]
STARTS = [
    "pattern",
    "pattern:1",
    "random",
    "hierarchical",
    "parallel",
    "mixture:3",
    "words",
    "cue:0:0.8",
]
SIMULATION = {
    "--n-spins": ["20", "1", "9,20", "20.5", "20,20", "20:24:3", "3:4:3", *WORDS],
    "--n-samples": ["1", "2", "0.5", "1000000000", *WORDS],
    "--n-replicas": ["1", "2", "1000000", *WORDS],
    "--warmup": ["1", "5", "1000000000001", *WORDS],
    "--sweeps": ["5", "10", "1000000000000", *WORDS],
    "--stride": ["1", "2", *WORDS],
    "--dynamics": [*DYNAMICS, *WORDS],
    "--site-order": ["sequential", "random", "permutation", *WORDS],
    "--cooling": ["2", "1.5:geometric", "0:geometric", "2:", ":", "1:linear:2", *WORDS],
    "--start": [*STARTS, "0.5", "0:1:2", "1,", *WORDS],
    "--seed": ["1", "99999999999999999999999", *WORDS],
    "--backend": ["auto", "numba", "reference", *WORDS],
    "--observables": ["susceptibility", "rhat,binder", "tau_m,", "no_module:x", ".x:y", *WORDS],
    "--form": [
        "auto",
        "lanes",
        "overlaps",
        "couplings",
        "tables",
        "polynomials",
        "histograms",
        *WORDS,
    ],
}
FOLLOWED = {"--n-steps": ["1", "3", "100001", "2.5", "3,4", *WORDS]}
SCHEDULE = ["--warmup", "--sweeps", "--stride"]
ON_THE_WAY = ["--n-spins", "--n-samples", "--n-replicas", "--start", "--seed", "--form"]
ON_THE_WAY += ["--backend"]
LOCATED = ["--n-spins", "--n-samples", "--warmup", "--sweeps", "--stride", "--seed", "--backend"]
RAMPED = [name for name in SIMULATION if name not in ("--cooling", "--observables", "--form")]
LAW = {"--law": ["binomial", "gaussian", *WORDS]}
JSON = {"--json": [None]}
KEEPING = {
    "--checkpoint": ["run.ckpt", "missing/run.ckpt", "/dev/zero", "/dev/null", *WORDS],
    "--checkpoint-every": ["1", "0.5", *WORDS],
}
THREADS = {"--n-threads": ["1", "2", *WORDS], "--threads": ["1", "3", "0", *WORDS]}
BRANCHES = ["retrieval", "glass", "paramagnet", "hierarchical", "parallel", "pure", *WORDS]
LINES = ["critical-load", "spinodal-temperature", "transition-temperature", "glass-temperature"]
LINES += ["replicon-temperature", "transition-load", "pure-temperature", "solution", "by-rank"]
LINES += WORDS

CHANGES = ["grid.T=0.3", "settings.seed=1", "model.x=1", "grid.T=", "a.b", "a.b=1"]
CHANGES += ["grid.quality=[0.5, 0.9]", "grid.order=[2, 4]", "grid.dilution='0:0.5:2'"]
CHANGES += ["grid.sleep=0,inf", "grid.sleep=inf", "model.sizes=[1, 2]", "model.couplings=[[0]]"]
CHANGES += ["model.weights=zipf:1", "model.weights=[1, 0.5]", "grid.signal=1,2"]
CHANGES += ["grid.T.x.y=1", "model=3", "=", "settings.n_samples=1e9", "grid.T=0:1:99999999"]
CHANGES += ["settings.n_steps=2", "settings.n_steps=0", "settings.theory=false"]
CHANGES += ["grid.T=" + "[" * 500, "settings.seed=true", "model.model=[1]", "grid.points={}"]

#: Commands without files.
PLAIN = {
    "theory": {
        **MODEL,
        **LAW,
        "--start": BRANCHES,
        "--quantity": LINES,
        "--ranks": ["1", "1,2", "0", "1:3:3", "1.5", *WORDS],
        "--rsb": ["0", "1", "2", *WORDS],
        "--n-spins": ["100", "4", "3", "20,30", *WORDS],
        **JSON,
    },
    "simulate": {
        **MODEL,
        **SIMULATION,
        **KEEPING,
        **THREADS,
        **JSON,
    },
    "temper": {
        **MODEL,
        **SIMULATION,
        "--T": ["0.2,0.5", "0.5,0.2,0.3", "0:1:3", *NUMBERS],
        "--exchange-every": ["1", "2", *WORDS],
        "--tune": [None, "0.5", "2", *WORDS],
        **KEEPING,
        **THREADS,
        **JSON,
    },
    "trajectory": {
        **MODEL,
        **{name: SIMULATION[name] for name in ON_THE_WAY},
        **LAW,
        **FOLLOWED,
        "--dynamics": ["parallel", "parallel-diagonal", "glauber", "metropolis", *WORDS],
        "--method": ["sampled", "neurodynamics", *WORDS],
        "--n-trajectories": ["1000", "2000", "999", "1000000001", *WORDS],
        "--time-step": ["0.5", "1", "2", *WORDS],
        "--quantity": ["trajectory", "basin", "convergence-time", "recovery", *WORDS],
        "--threshold": ["0.5", "1", *WORDS],
        "--tolerance": ["0.1", "1", *WORDS],
        "--figure": ["curves.svg", "missing/curves", "curves.txt", *WORDS],
        **THREADS,
        **JSON,
    },
    "locate": {
        **MODEL,
        **{name: SIMULATION[name] for name in LOCATED},
        **LAW,
        "--method": ["exchange", "integration", *WORDS],
        **THREADS,
        "--checkpoint-every": KEEPING["--checkpoint-every"],
        **JSON,
    },
    "ramp": {
        **MODEL,
        **{name: SIMULATION[name] for name in RAMPED},
        "--T": ["0.2,0.5", "0.5,0.2", "0.2,0.5,0.3", "0.2:1:3", *NUMBERS],
        **LAW,
        "--relative": [None],
        "--as-given": [None],
        "--overlap": ["0.5", "1", *WORDS],
        "--executor": EXECUTORS,
        **THREADS,
        "--checkpoint-every": KEEPING["--checkpoint-every"],
        **JSON,
    },
    "sweep": {
        **MODEL,
        **SIMULATION,
        **FOLLOWED,
        **LAW,
        "--set": [*CHANGES, *WORDS],
        "--executor": EXECUTORS,
        **THREADS,
        "--shard": SHARDS,
        "--resume": [None],
        "--dry-run": [None],
        **JSON,
    },
    "gallery": {
        "--list": [None],
        "--quick": [None],
        "--data-dir": [".", "missing", *WORDS],
        "--publish": ["published", *WORDS],
        "--executor": EXECUTORS,
    },
    "completion": {},
    "doctor": JSON,
}
USUAL = {"--model": "hopfield", "--T": "0.3", "--alpha": "0.1"}
ALONG = ["T", "alpha", "n_spins", "dilution", "pattern", "start", "t", *WORDS]
PATTERNS = ["0", "1", "5", *WORDS]
VARIABLES = ["m", "q", "energy", "z", "phase", "status", "m_samples", "m_err", "T"]
VARIABLES += ["spinodal_temperature", "theory", "t"]
SELECTIONS = ["T=0.3", "alpha=1", "T", "=", "x=1", "T=x", "n_spins=20", "dilution=0"]
SELECTIONS += ["t=2", "t=-1", "pattern=0", "sample=1", "T=nan", "T=inf", "point=0"]

#: Commands on a store, which is their first word.
ON_STORES = {
    "status": JSON,
    "export": {},
    "figure": {
        "--kind": ["map", "curve", "trajectory", "basin", *WORDS],
        "--samples": ["band", "lines", *WORDS],
        "--times": ["0", "1,2", "1:3:3", *NUMBERS],
        "--threshold": ["0.5", "1", *WORDS],
        "--variable": [*VARIABLES, *WORDS],
        "--pattern": PATTERNS,
        "--select": [*SELECTIONS, *WORDS],
        "--finite-size": [None],
        "--html": [None],
        "--x": [*ALONG, *WORDS],
        "--y": [*ALONG, *WORDS],
        "--hue": [*ALONG, "alpha_effective", *WORDS],
        "--xscale": ["log", "symlog", "linear", *WORDS],
        "--yscale": ["log", "logit", *WORDS],
        "--cmap": ["viridis", "magma", *WORDS],
        "--style": ["ggplot", "dark_background", "none.mplstyle", *WORDS],
        "--labels": ["A", "A,B", "A,A", *WORDS],
        "--label": ["A", *WORDS],
    },
    "compare": {
        "--finite-size": [None],
        "--along": ALONG,
        "--pattern": PATTERNS,
        "--criterion": ["overlap", "success", *WORDS],
        "--extrapolate": [None],
        "--powers": ["1", "1,2", "0.5", "9", "1,1", *NUMBERS],
        "--line-powers": ["1", "0.667", "1,1", *NUMBERS],
        "--no-write": [None],
        **JSON,
    },
    "refine": {
        "--budget": ["1", "2", "1.5", "1e9", "2.0", *WORDS],
        "--along": ALONG,
        "--pattern": PATTERNS,
        "--executor": EXECUTORS,
        **THREADS,
        "--resume": [None],
        **JSON,
    },
    "rerun": {"--executor": EXECUTORS, **THREADS, "--shard": SHARDS, "--resume": [None], **JSON},
    "merge": JSON,
}
RETRIEVE = {
    "--n-examples": COUNTS,
    "--rule": ["storing", "supervised", "unsupervised", *WORDS],
    "--orders": ["2", "2,4", "4,2,2", "9", "2.5", "1", *WORDS],
    "--model": [*NETWORKS, *WORDS],
    "--sleep": ["1", "inf", "-1", *WORDS],
    "--sharpness": ["1", "0", *WORDS],
    "--radius": ["0.2", "0.5", *WORDS],
    "--threshold": ["projected", "whitened", "median", "127", "0", "255", *WORDS],
    "--corruption": NUMBERS,
    "--held-out": ["automatic", "1", "5", "10000", *WORDS],
    "--class": ["1", "2", "7", "cat", *WORDS],
    "--classes": ["0,1", "1,1", "2", "0,9", "cat,1", *WORDS],
    "--n-classes": ["3", "2", "300", *WORDS],
    "--transposed": ["yes", "no", "auto", None, *WORDS],
    "--shape": ["6,6", "4,9", "6", "6,6,1", "0,36", *WORDS],
    "--T": NUMBERS,
    "--sweeps": ["0", "1", "2.5", *WORDS],
    "--seed": ["1", "99999999999999999999999", *WORDS],
    "--backend": ["auto", "numba", "reference", *WORDS],
    **JSON,
}


@st.composite
def chosen(draw, known, usual):
    """Draw flags that are right but for a few."""
    flags = dict(usual)
    for flag in draw(st.lists(st.sampled_from(sorted(known)), max_size=5)) if known else []:
        flags[flag] = draw(st.sampled_from(known[flag]))
    for flag in draw(st.lists(st.sampled_from(sorted(flags)), max_size=2)) if flags else []:
        flags.pop(flag, None)
    arguments = []
    for flag, value in flags.items():
        arguments += [flag] if value is None else [flag, value]
    return arguments + draw(st.sampled_from([[]] * 8 + [["--nonsense"], ["stray"]]))


@st.composite
def plain_commands(draw):
    """Draw a command line without files."""
    command = draw(st.sampled_from(sorted({*PLAIN} - {"gallery", "completion", "doctor"})))
    flags = dict(USUAL)
    if command == "trajectory":
        flags |= {"--n-steps": "2", "--n-trajectories": "1000"}
        flags |= draw(st.sampled_from([{"--n-spins": "20"}, {"--quantity": "basin"}, {}]))
    elif command != "theory":
        flags |= dict(zip(SMALL[::2], SMALL[1::2], strict=True))
    if command == "sweep" and draw(st.booleans()):
        flags = {flag: value for flag, value in flags.items() if flag not in SCHEDULE}
        flags |= {"--n-steps": "3", "--dynamics": "parallel"}
    return [command, *draw(chosen(PLAIN[command], flags))]


@st.composite
def rare_commands(draw):
    """Draw a command line of those that compute no study; no claim is computed, either."""
    command = draw(st.sampled_from(["gallery", "completion", "doctor"]))
    words = draw(st.sampled_from([[], ["bash"], ["zsh"], ["tcsh"], ["ags_diagram"], WORDS]))
    words = [draw(st.sampled_from(words))] if words else []
    usual = {"--list": None} if command == "gallery" else {}
    arguments = [command, *words, *draw(chosen(PLAIN[command], usual))]
    if command == "gallery" and "--list" not in arguments:
        arguments.insert(1, "no_claim")
    return arguments


@st.composite
def commands_on_stores(draw, stores):
    """Draw a command line about some of the stores; its output comes later."""
    command = draw(st.sampled_from(sorted(ON_STORES)))
    usual = {"--budget": "1"} if command == "refine" else {}
    names = st.sampled_from([*stores, *stores, "missing", "."])
    first = draw(st.lists(names, min_size=1, max_size=3 if command in ("merge", "figure") else 1))
    return [command, *first, *draw(chosen(ON_STORES[command], usual))]
