"""Whether the toolkit is right: published numbers, identities, theory against simulation.

`published` and `identities` are tables of entries (`entries`) with a source, an expected
value and a tolerance; `located` finds first-order transitions by simulation; `sampling` draws
points at random in all models and rules, predicts whether simulation and theory agree, and
compares; `coverage` counts how often intervals hold the mean; `report` writes the page
``docs/validation.md``:

    python -m phase_diagrams.validation --points 216 --out docs/validation.md
"""
