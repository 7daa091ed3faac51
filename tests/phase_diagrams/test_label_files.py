"""Labels from text and tables: read, or refused by line and column."""

import csv

import pytest

from phase_diagrams.retrieval import read_labels

TABLE = 'index,label,"name, in full"\n0,7,"tea, green"\n1,2,ö\n2,1,tea\n'


@pytest.mark.parametrize(
    ("text", "column", "labels"),
    [
        ("7\n2\n1\n", "", [7, 2, 1]),
        ("7\r\n2\r\n1", "", [7, 2, 1]),
        ("\ufeff7\n2\n1\n\n", "", [7, 2, 1]),
        ("label\n7\n2\n1\n", "", [7, 2, 1]),
        ("label\n7\n2\n1\n", "label", [7, 2, 1]),
        ("tea\ncoffee break\n", "", ["tea", "coffee break"]),
        ("what\ntea\ncoffee\n", "what", ["tea", "coffee"]),
        ("007\n8\n", "", ["007", "8"]),
        ("-1\n1\n", "", [-1, 1]),
        ("1e3\n1\n", "", ["1e3", "1"]),
        (TABLE, "label", [7, 2, 1]),
        (TABLE, "1", [7, 2, 1]),
        (TABLE, "name, in full", ["tea, green", "ö", "tea"]),
        (TABLE.replace('"tea, green"', "green").replace(",", ";"), "label", [7, 2, 1]),
        ("a\tb\nx\ty\n", "b", ["y"]),
        ("BMW\nCDF\nVW\n", "", ["BMW", "CDF", "VW"]),
    ],
)
def test_labels_in_text(tmp_path, text, column, labels):
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode())
    assert read_labels(f"{path}:{column}" if column else path).tolist() == labels


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        (TABLE, "", "columns index, label, name, in full: name that of the labels, as in labels"),
        (TABLE, "class", "has no column 'class': it has index, label, name"),
        ("1,2\n3,4\n", "", "columns 0 to 1: name that of the labels, as in labels.csv:0"),
        ("1,2\n3,4\n", "2", "has no column '2': it has 0 to 1"),
        ("1\n\n2\n", "", "line 2 has no label"),
        ("\n1\n2\n", "", "line 1 has no label"),
        ("a,b\n1,2\n3\n", "b", "line 3 has no label"),
        ("label\n", "label", "a heading and no labels"),
        ("a" * 140000, "", "is no table: field larger than field limit"),
        ("\x00\x00\x00\x00\x00", "", "its bytes are in the wrong order"),
    ],
)
def test_text_that_is_named(tmp_path, text, column, says):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        read_labels(f"{path}:{column}" if column else path)
    assert str(path) in str(raised.value)
    assert says in str(raised.value)


def test_the_reader_of_tables_is_that_of_csv(tmp_path):
    rows = [["index", "word"], ["0", 'a "b", c'], ["1", "d;e\tf"]]
    path = tmp_path / "words.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    # Tabs come first among the signs that part columns, in the first line alone.
    assert read_labels(f"{path}:word").tolist() == ['a "b", c', "d;e\tf"]
