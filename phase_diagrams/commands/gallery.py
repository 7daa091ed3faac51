"""Compute the claims of the papers again: numbers, figures and captions.

Every claim has a folder of its own below --out, with data.nc, figure.pdf, figure.png,
caption.txt and verdict.txt: whether the numbers bear the claim out. Without names all claims
are computed; what is there already is only drawn again, and an interrupted one goes on.
--publish copies them to a second folder as small figures with the numbers that they draw.

For example:
  hebbian gallery --list
  hebbian gallery --quick
  hebbian gallery ags_diagram --executor process:2 --out results/gallery
"""

from __future__ import annotations

import argparse

NAME = "gallery"
HELP = "compute the claims of the papers again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("claims", metavar="CLAIM", nargs="*", help="names; default: all claims")
    parser.add_argument("--list", action="store_true", help="list the claims and stop")
    parser.add_argument("--quick", action="store_true", help="small sizes: seconds for each claim")
    parser.add_argument(
        "--out", metavar="FOLDER", help="default: results/gallery, or gallery_quick with --quick"
    )
    parser.add_argument(
        "--executor", default="serial", metavar="NAME", help="as for 'hebbian sweep'"
    )
    parser.add_argument(
        "--publish", metavar="FOLDER", help="also write small figures and their numbers there"
    )
    parser.add_argument("--data-dir", metavar="FOLDER", help="IDX files of MNIST and Fashion-MNIST")


def run(args: argparse.Namespace) -> int:
    """Compute, draw and print captions and verdicts."""
    from phase_diagrams.gallery import claims

    chosen = [claims.find(name) for name in args.claims or claims.names()]
    if args.list:
        for claim in chosen:
            print(f"{claim.name:24} {claim.minutes:5g} min  {claim.title}")
        return 0
    if args.quick and args.publish is not None:
        raise ValueError(f"--publish {args.publish} takes full versions, not those of --quick")
    from phase_diagrams.gallery import image_data
    from phase_diagrams.gallery.publishing import publish
    from phase_diagrams.gallery.running import run as compute
    from phase_diagrams.gallery.verdicts import report

    if args.data_dir is not None:
        image_data.load(args.data_dir)  # a wrong folder is an error now, not after an hour

    out = args.out or ("results/gallery_quick" if args.quick else "results/gallery")
    for claim in chosen:
        outcome = compute(
            claim,
            out,
            quick=args.quick,
            executor=args.executor,
            progress=True,
            data_dir=args.data_dir,
        )
        print(f"{claim.name}: {outcome.caption}\n{report(outcome.findings)}")
        print(f"  {outcome.figures[0]}\n")
        if args.publish is not None:
            publish(claim, out, args.publish)
    return 0
