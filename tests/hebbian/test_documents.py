"""Documents: bounded in length and depth, of the expected form, refused in one short line."""

import json
import os
import threading
import time

import msgspec
import numpy as np
import pytest

from hebbian.documents import contents, convert, decode, decode_toml


class Form(msgspec.Struct, forbid_unknown_fields=True):
    n: int
    text: str = ""
    values: list[float] = []


WRONG = {
    "a list": b"[1]",
    "null": b"null",
    "no key": b"{}",
    "null for a number": b'{"n": null}',
    "a truth value": b'{"n": true}',
    "a word": b'{"n": "3"}',
    "a fraction": b'{"n": 0.5}',
    "not a number": b'{"n": NaN}',
    "infinity": b'{"n": 1, "values": [Infinity]}',
    "too large": b'{"n": 1, "values": [1e999]}',
    "too many digits": b'{"n": 1' + b"0" * 5000 + b"}",
    "unknown": b'{"n": 1, "a\\nb": 2}',
    "a long name": b'{"n": 1, "' + b"x" * 10_000 + b'": 2}',
    "cut": b'{"n": 1',
    "more": b'{"n": 1} 2',
    "nothing": b"",
    "no JSON": b"\x93NUMPY",
    "UTF-16": '{"n": 1}'.encode("utf-16"),
    "not UTF-8": b'{"n": 1, "text": "\xff"}',
    "a lone half of a pair": b'{"n": 1, "text": "\\ud800"}',
    "deep lists": b"[" * 10**6,
    "deep tables": b'{"n":' * 10**6,
    "deep behind a string": b'"' + b'\\"' * 1000 + b'",' + b"[" * 10**6,
    "a string without end": b'"' + b'\\"[' * 10**6,
    "long": b" " * (1 << 21),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_short_line(case):
    begun = time.process_time()
    with pytest.raises(ValueError, match=r"\Astudy\b") as caught:
        decode(WRONG[case], Form, "study", longest=1 << 23 if "deep" in case else 1 << 20)
    assert time.process_time() - begun < 5
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 250
    assert caught.value.__cause__ is None


def test_lone_surrogates_in_text_are_refused():
    with pytest.raises(ValueError, match=r"^study: "):
        decode('{"n": 1, "text": "\ud800"}', Form, "study")


@pytest.mark.parametrize("depth", [3, 64, 65, 66, 10**5])
def test_depth_is_counted_alike_in_text_and_in_data(depth):
    """Brackets within strings are none."""
    text = '["[[[{{{", "\\"[", ' + "[" * (depth - 1) + "]" * (depth - 1) + "]"
    value: list = []
    for _ in range(depth - 2):
        value = [value]
    value = ["[[[{{{", '"[', value] if depth > 1 else value
    if depth <= 64:
        assert decode(text, list, "x") == convert(value, list, "x") == value
    else:
        for call in (decode, convert):
            with pytest.raises(ValueError, match=r"^x is nested deeper than 64 levels$"):
                call(text if call is decode else value, list, "x")


def test_many_brackets_are_no_depth():
    value = [[i] for i in range(1000)]
    assert decode(json.dumps(value), list, "x") == value


def test_numbers_keep_their_bits():
    values = np.random.default_rng(1).integers(0, 2**63, 1000, np.int64).view(float)
    values = values[np.isfinite(values)].tolist()
    assert decode(json.dumps(values), list[float], "x") == values
    assert decode("99999999999999999999999", int, "x") == 99999999999999999999999


TOML = {
    "arrays": b"x = " + b"[" * 10**5,
    "tables": b"x = " + b"{a=" * 10**5,
    "key": b".".join([b"a"] * 10**5) + b" = 1",
    "quoted key": b" . ".join([b'"a"'] * 10**5) + b" = 1",
    "key of 65 parts": b".".join([b"a"] * 65) + b" = 1",
    "header": b"[" + b".".join([b"a"] * 10**5) + b"]",
    "digits": b"x = 1" + b"0" * 5000,
    "zeros": bytes(1000),
    "UTF-16": "x = 1".encode("utf-16"),
    "Latin": "x = 'é'".encode("latin-1"),
    "cut": b"[x",
    "long": b"#" * (1 << 21),
}


@pytest.mark.parametrize("case", TOML)
def test_a_wrong_study_file_is_one_short_line(case):
    begun = time.process_time()
    with pytest.raises(ValueError, match=r"\As.toml\b") as caught:
        decode_toml(TOML[case], "s.toml", longest=1 << 20)
    assert time.process_time() - begun < 5
    assert len(str(caught.value)) < 250
    assert str(caught.value).isprintable()


def test_toml_may_have_a_mark_and_long_comments():
    text = f"# {'.' * 200} {'a. ' * 60}\n[grid]\nT = [{', '.join(['0.1'] * 500)}]\n"
    for content in (text.encode(), text.encode("utf-8-sig")):
        assert decode_toml(content, "s.toml") == {"grid": {"T": [0.1] * 500}}


def test_files_pipes_folders_and_devices(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert contents(tmp_path / "file", longest=3) == b"abc"
    with pytest.raises(ValueError, match="file is longer than 2 bytes"):
        contents(tmp_path / "file", longest=2)
    for path, kind in ((tmp_path, "a folder"), ("/dev/zero", "a device")):
        with pytest.raises(ValueError, match=f"is {kind}, not a file"):
            contents(path)
    with pytest.raises(FileNotFoundError):
        contents(tmp_path / "missing")
    os.mkfifo(tmp_path / "pipe")
    assert contents(tmp_path / "pipe") == b""  # nobody writes: it does not wait
    reading, writing = os.pipe()
    late = threading.Timer(0.2, lambda: (os.write(writing, b"late"), os.close(writing)))
    late.start()
    assert contents(f"/dev/fd/{reading}") == b"late"
    late.join()
    os.close(reading)
