"""Messages of bad input: one line, of anything."""

import numpy as np
import pytest

from hebbian import domain
from hebbian.spins import signs


@pytest.mark.parametrize(
    "value", [np.zeros((3, 40)), [0.3, "x"] * 200, 10**400, "a\nb", {}, None, 1j, object()],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
@pytest.mark.parametrize(
    "check",
    [
        lambda x: domain.real("x", x, "[0, 1]"),
        lambda x: domain.integer("x", x, "[0, 9]"),
        lambda x: domain.integer("x", x, "[0, inf)"),
        lambda x: domain.choice("x", x, ("a", "b")),
        lambda x: domain.real_array("x", [x], "(0, 1)"),
    ],
)
def test_messages_are_short_lines(check, value):
    with pytest.raises(ValueError, match=r"\Ax = ") as caught:
        check(value)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 220


ONES = np.array([[1, -1, 1], [-1, -1, 1]])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (ONES > 0, r"x: entries are booleans, not -1 and \+1: 2 \* x.astype\(int\) - 1 makes them"),
        ((ONES + 1) // 2, r"x: entries are 0 and 1, not -1 and \+1: 2 \* x - 1 makes them"),
        (((ONES > 0) * 255).astype(np.uint8), r"entries are 0 and 255, .* 2.0 \* x / 255 - 1"),
        (ONES * 0.5, "x: entry 0.5 is not one of"),
        (np.where(ONES > 0, 1, np.nan), "x: entry nan is not one of"),
        (np.where(ONES > 0, 257, -1), "x: entry 257 is not one of"),  # 1 in eight bits
        (np.where(ONES > 0, 1, 255).astype(np.uint8), "x: entry 255 is not one of"),  # -1
        (ONES * [1, 0, 1], "x: entry 0 is not one of"),
        (ONES + 0j, "x: array of complex128 is not an array of"),
        (ONES.astype(str), "x: array of .* is not an array of"),
        (ONES.astype(object), "x: array of object is not an array of"),
        (np.ma.array(ONES, mask=ONES > 0), "hides some of its entries"),
        ([[1, -1], [1]], "x is not an array of"),
        (None, "x: NoneType is not an array of"),
        ({1, -1}, "x: set is not an array of"),
        (ONES[0], r"x: shape \(3,\), but \(n_patterns, n_spins = 3\) is needed"),
        (ONES[:0], r"x: shape \(0, 3\), but"),
        (ONES.T, r"x: shape \(3, 2\), but \(n_patterns, n_spins = 3\) .* transpose it \(x.T\)"),
    ],
)
def test_what_is_no_sign_is_told_how_to_become_one(values, words):
    with pytest.raises(ValueError, match=words) as refusal:
        signs("x", values, ("n_patterns", "n_spins"), lengths=(None, 3))
    assert "\n" not in str(refusal.value)


def test_signs_of_any_type_are_taken_and_copied():
    for values in (ONES, ONES.astype(np.int8), ONES.astype(float), ONES.tolist(), np.ones((1, 3))):
        found = signs("x", values, ("n_patterns", "n_spins"))
        assert found.dtype == np.int8
        np.testing.assert_array_equal(found, values)
        assert not np.shares_memory(found, values)
    blanks = ONES * [1, 0, 1]
    np.testing.assert_array_equal(signs("x", blanks, ("...", "n"), blank=True), blanks)
    with pytest.raises(ValueError, match=r"entry 2 is not one of -1, 0 and \+1"):
        signs("x", 2 * blanks, ("...", "n"), blank=True)


@pytest.mark.parametrize(
    "value",
    [True, np.True_, "1", b"1", bytearray(b"1"), 1j, np.complex128(1), [1], None, np.ma.masked,
     np.timedelta64(1, "s")],
)  # fmt: skip
def test_what_python_takes_for_a_number_is_none(value):
    with pytest.raises(ValueError, match="is not a real number"):
        domain.real("x", value, "[0, 2]")
    with pytest.raises(ValueError, match="is not a whole number"):
        domain.integer("x", value, "[0, 2]")


def test_words_are_neither_true_nor_false():
    for wrong in ("no", "", 2, None, 0.0):
        with pytest.raises(ValueError, match=r"x = .* is not True or False"):
            domain.boolean("x", wrong)
    assert domain.boolean("x", np.True_) is True


def test_a_message_is_short_whatever_it_is_about():
    deep = []
    for _ in range(100000):
        deep = [deep]
    for value in (deep, 10**5000, "a" * 10**6):
        with pytest.raises(ValueError, match="x = ") as refusal:
            domain.choice("x", value, ("y",))
        assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(("number", "K"), [(2.5, 3), (0.29 * 50, 15), (14.4999999, 14), (0.0, 0)])
def test_halves_go_upwards_after_twelve_digits(number, K):
    assert domain.nearest(number) == K
