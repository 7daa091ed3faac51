"""The claims of the papers, one by one: computed, drawn and explained again by anyone.

A claim is two files: ``studies/NAME.toml`` says what is claimed, where, what its figure shows, and
with which parameters it is computed (``[full]``, and what ``[quick]`` changes of them); ``NAME.py``
has

* ``Parameters``, a `msgspec.Struct` that validates them,
* ``compute(parameters, session) -> Groups``, by theory and simulation,
* ``draw(tree) -> matplotlib.figure.Figure`` and ``numbers(tree) -> Numbers``, what the caption
  asks for besides parameters and attributes, from the stored numbers alone;
* ``holds(tree) -> Findings``: what the claim says, statement by statement, and whether
  the stored numbers bear it out (`verdicts`).

`claims` finds and reads them, `running` computes them into a folder.
"""
