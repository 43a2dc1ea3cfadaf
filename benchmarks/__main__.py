"""Check that chainrule and its peers compute the same, then time them side by side."""

import argparse
import sys

from benchmarks import convolution, importing, mlp, peers, scalar, small, training, transforms
from benchmarks.harness import DisagreementError

# In this order whatever the order asked for: scalar makes much work for the garbage collector,
# which would also go through everything PyTorch and JAX keep once they are imported.
BENCHMARKS = {
    "scalar": scalar,
    "mlp": mlp,
    "small": small,
    "convolution": convolution,
    "training": training,
    "transforms": transforms,
    "import": importing,
}
QUICK_ROUNDS = 3


def _benchmark(name: str) -> str:
    # Not argparse's choices: with nargs="*" they also reject the empty list.
    if name not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"no benchmark {name!r}; choose from {_names()}")
    return name


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _names() -> str:
    return ", ".join(BENCHMARKS)


def main() -> int:
    """Run the benchmarks; the exit status is 1 when contestants disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", type=_benchmark, metavar="benchmark", help=f"any of {_names()}; or all"
    )
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument("--rounds", type=_positive, metavar="N", help="rounds of each table")
    effort.add_argument(
        "--quick",
        dest="rounds",
        action="store_const",
        const=QUICK_ROUNDS,
        help=f"{QUICK_ROUNDS} rounds of each table: rough figures",
    )
    arguments = parser.parse_args()

    print(peers.describe())
    try:
        for name, benchmark in BENCHMARKS.items():
            if name in arguments.names or not arguments.names:
                benchmark.run(arguments.rounds or benchmark.ROUNDS)
    except DisagreementError as disagreement:
        print(f"The contestants disagree. {disagreement}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
