"""What every reader of image files owes to any bytes."""

from phase_diagrams.retrieval import read_images, read_labels


def read_or_refuse(path, part=""):
    """Read a file as images and as labels, or be refused in one line that names it."""
    for read, n_dims in ((read_images, 3), (read_labels, 1)):
        refusal = ""
        try:
            array = read(f"{path}{part}")
        except ValueError as error:
            refusal = str(error)
        if refusal:
            assert refusal.startswith(str(path))
            assert "\n" not in refusal
        else:
            assert array.ndim == n_dims
            assert array.size > 0
            assert array.dtype.isnative
