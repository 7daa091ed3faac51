"""Messages of bad input: one line, of anything."""

import numpy as np
import pytest

from hebbian import domain


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
