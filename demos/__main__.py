"""`python -m demos NAME`."""

from __future__ import annotations

import argparse
import importlib
import sys

DEMOS = {
    "digits": "train a classifier of handwritten digits",
    "pictures": "every kind of picture, with a page of them: docs/gallery.md",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the demonstration named on the command line, or list them all."""
    listing = "\n".join(f"  {name:10} {purpose}" for name, purpose in DEMOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m demos",
        description="Runs a demonstration; its pictures go to the folder out/.",
        epilog=f"demonstrations:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", choices=DEMOS, metavar="NAME", help="one of those below")
    name = parser.parse_args(arguments).name
    if name is None:
        parser.print_help()
        return 0
    try:
        demo = importlib.import_module(f"demos.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("matplotlib", "sklearn"):
            raise
        print(f"{name} needs {error.name}: pip install '.[demos]'", file=sys.stderr)
        return 1
    demo.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
