"""Documents of another shape than they should have, and files whose seal is right all the same."""

import copy
import io
import json
import math
import zipfile

import numpy as np
from hypothesis import strategies as st

from montecarlo.engine import archive
from phase_diagrams.stores.headers import made


def deep(n):
    value = 0
    for _ in range(n):
        value = [value]
    return value


#: Values of every kind where one of another is expected; `deep` ones are built when drawn.
ODD = [None, True, False, -1, 0, 0.5, 1e300, 10**9, 10**30, -(10**30), math.nan, math.inf, "", "x"]
ODD += ["0:1:3", "\u0000", "a\nb", "²", [], {}, [1], [None], ["x"], [[1]], {"x": 1}, {"": {}}]


@st.composite
def mutated(draw, document, most=3):
    """Draw plain data with up to `most` entries replaced, removed, added or wrapped."""
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, most))):
        holder, key = None, None
        at = document
        while isinstance(at, (dict, list)) and at and (holder is None or draw(st.booleans())):
            holder = at
            keys = sorted(at) if isinstance(at, dict) else range(len(at))
            key = draw(st.sampled_from(list(keys)))
            at = holder[key]
        kind = draw(st.sampled_from(["replace", "replace", "remove", "add", "wrap", "deep", "all"]))
        odd = copy.deepcopy(draw(st.sampled_from(ODD)))  # the next change may be inside of it
        if holder is None or kind == "all":
            if draw(st.booleans()):
                return odd
        elif kind == "remove":
            del holder[key]
        elif kind == "add" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["x", "", "digest", "model", "a.b"]))] = odd
        else:
            holder[key] = {"wrap": [at], "deep": deep(draw(st.sampled_from([65, 400])))}.get(
                kind, odd
            )
    return document


def reseal(path):
    """Give an archive a seal that is right, whatever is in it."""
    with path.open("r+b") as file:
        with zipfile.ZipFile(file, "a") as made_again:
            made_again.comment = f"{archive.FORMAT} sha256:{'0' * 64}".encode()
        digest = archive._digest(file)
        file.seek(-len(digest), 2)
        file.write(digest)


def npy(array):
    """Return the bytes of an array as an entry of an archive."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


@st.composite
def forged_checkpoints(draw, content):
    """Draw the entries of a checkpoint with one or two of them changed."""
    entries = dict(content)
    names = st.lists(st.sampled_from(sorted(entries)), min_size=1, max_size=2, unique=True)
    for name in draw(names):
        array = np.load(io.BytesIO(entries[name]))
        if name == "header.npy" and draw(st.booleans()):
            header = json.dumps(draw(mutated(json.loads(array.tobytes()))))
            entries[name] = npy(np.frombuffer(header.encode(), np.uint8))
            continue
        kind = draw(st.sampled_from(["shape", "type", "values", "bytes", "gone", "more"]))
        if kind == "gone":
            del entries[name]
        elif kind == "bytes":
            raw, at = entries[name], draw(st.integers(0, len(entries[name])))
            entries[name] = raw[:at] + draw(st.binary(max_size=4)) + raw[at + 1 :]
        elif kind == "type":
            entries[name] = npy(array.astype(draw(st.sampled_from("?bhilfdgF"))))
        elif kind == "shape":
            entries[name] = npy(np.resize(array, draw(st.sampled_from([(), 0, 1, 3, (2, 3), 99]))))
        elif kind == "more":
            entries[f"{draw(st.integers(0, 3))}/{name}"] = entries[name]
        elif array.size and array.dtype.kind in "iuf":
            flat = array.ravel().copy()
            at = draw(st.integers(0, flat.size - 1))
            flat[at] = draw(st.sampled_from([0, 1, 2, 100, np.iinfo(np.int8).max]))
            if array.dtype == np.int64 and draw(st.booleans()):
                flat[at] = draw(st.sampled_from([-1, -(2**62), 2**62, 2**31]))
            entries[name] = npy(flat.reshape(array.shape))
    return entries


@st.composite
def forged_headers(draw, headers):
    """Draw one header of a store, changed, with a digest that is right: its name and content."""
    name = draw(st.sampled_from(sorted(headers)))
    header = json.loads(headers[name])
    entries = dict(header.get("attributes", {}))
    texts = [key for key in ("study", "model", "grid", "variables", "points") if key in entries]
    texts = [key for key in texts if str(entries[key]).startswith(("{", "["))]
    inside = draw(st.sampled_from([None, *texts]))
    if inside is None:
        entries.pop("digest", None)
        found = draw(mutated(entries))
    else:
        found = entries | {inside: json.dumps(draw(mutated(json.loads(entries[inside]))))}
    if isinstance(found, dict):
        node = {k: v for k, v in header.items() if k not in ("attributes", "zarr_format")}
        found = made({k: v for k, v in found.items() if k != "digest"}, **node)
    else:
        found = {**header, "attributes": found}
    return name, json.dumps(found)
