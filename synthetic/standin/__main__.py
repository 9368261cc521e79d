"""``python -m synthetic.standin``: the command line of the stand-in."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from random import Random

from synthetic.standin import DEFAULT_PORT, faults

DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
FRONTS = ("plain", "lobby", "embedded")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; gives the exit code."""
    parent = os.getppid()
    options = parser().parse_args(arguments)
    if options.list_faults:
        print(json.dumps(faults.listing(), indent=2))
        return 0
    if options.break_ or options.mend:
        return _tell(options)
    try:
        active = faults.parse(options.fault, options.chance, Random(options.seed).random)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    # Imported late: the answers above need none of it.
    from synthetic.standin.interface import NoSfu
    from synthetic.standin.serving import serve

    try:
        serve(
            port=options.port,
            faults=active,
            front=options.front,
            topology=options.topology,
            code_lifetime_s=options.code_lifetime,
            breakable=options.breakable,
            parent=parent if options.with_parent else None,
        )
    except OSError as error:
        print(f"Cannot listen on port {options.port}: {error.strerror}.", file=sys.stderr)
        return 2
    except NoSfu as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _tell(options: argparse.Namespace) -> int:
    """Tell the running one what to get wrong from now on; gives the exit code."""
    from synthetic.standin.breaking import told

    at = options.at or os.environ.get("SYNTHETIC_BASE_URL") or DEFAULT_URL
    try:
        print(told(at, options.break_, mend=options.mend))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of ``synthetic standin``."""
    parser = argparse.ArgumentParser(
        prog="synthetic standin", description="Serve a small, local, real video product."
    )
    parser.add_argument("--port", type=_port, default=0, help="0 (the default) takes a free one")
    _add_faults(parser)
    parser.add_argument(
        "--front",
        choices=FRONTS,
        default="plain",
        help="the room's page: as it is, behind a lobby, or in an iframe",
    )
    parser.add_argument(
        "--topology",
        choices=("mesh", "sfu"),
        default="mesh",
        help="how video travels: between browsers, or through Janus",
    )
    parser.add_argument(
        "--code-lifetime", type=float, default=300.0, metavar="S", help="a code expires after this"
    )
    _add_breaking(parser.add_argument_group("breaking a running one"))
    parser.add_argument("--list-faults", action="store_true", help="print them as JSON")
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the starting process ends"
    )
    return parser


def _add_faults(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="what it gets wrong from the start, as often as need be",
    )
    parser.add_argument(
        "--chance",
        type=_share,
        default=1.0,
        metavar="P",
        help="in which share of pages, requests, mails, recordings each fault is in force",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="draw those by this number")


def _add_breaking(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--breakable", action="store_true", help="start one that this machine may break and mend"
    )
    group.add_argument(
        "--break",
        dest="break_",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="let the running one misbehave from now on: names as for --fault",
    )
    group.add_argument("--mend", action="store_true", help="end all that is wrong with it")
    group.add_argument(
        "--at",
        metavar="URL",
        help=f"where it runs, unless at SYNTHETIC_BASE_URL, or else at {DEFAULT_URL}",
    )


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"a share goes from 0 to 1, not {text}")
    return share


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port goes from 0 to 65535, not {port}")
    return port


if __name__ == "__main__":
    sys.exit(main())
