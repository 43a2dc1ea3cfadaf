"""`python -m demos NAME`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from . import points

LESSONS = {
    "gates": "What can a single threshold decide, and what takes two layers?",
    "perceptron": "How does a misclassified point move the line?",
    "probability": "How do scores become probabilities, and how wrong is a probability?",
    "logistic": "What changes when the step becomes a sigmoid and the rule a gradient?",
    "combining": "How do straight lines add up to a curve?",
    "chain_rule": "Why do four ways to differentiate a composition give one number?",
    "neuron": "How does a single neuron learn to say no?",
    "layer": "What is the Jacobian of a whole layer?",
    "backprop": "How does an error find the weight that caused it?",
    "digits_forward": "What does a network see before it has learned anything?",
    "digits": "Can it read handwriting, and which descent gets there first?",
    "activations": "Which activation lets a gradient through ten layers?",
    "moons": "What do tensors gain over scalars on the same network?",
    "higher": "What are derivatives of derivatives good for?",
    "pictures": "What does all of this look like?",
    "cnn": "What do convolutions find in handwriting?",
    "transformer": "What does a transformer learn from one short tale?",
    "timeseries": "Can a network forecast the sunspots of the coming year?",
}
"""The course in reading order, and after it further demonstrations: names and their questions."""

EXTRA = {"matplotlib", "sklearn"}
"""The packages that `pip install '.[demos]'` brings."""


def main(arguments: list[str] | None = None) -> int:
    """Run the lesson named on the command line, all of them, or list them."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    name = options.pop("name")
    if name is None:
        parser.print_help()
        return 0
    for lesson in LESSONS if name == "all" else [name]:
        try:
            _run(lesson, options)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] not in EXTRA:
                raise
            print(f"{lesson} needs {error.name}: pip install '.[demos]'", file=sys.stderr)
            return 1
    return 0


def _run(lesson: str, options: dict[str, Any]) -> None:
    module = importlib.import_module(f"demos.{lesson}")
    out = Path("out") / lesson
    out.mkdir(parents=True, exist_ok=True)
    print(f"=== {lesson}: {LESSONS[lesson]}")
    module.main(out, **options)
    print()


def _parser() -> argparse.ArgumentParser:
    listing = [f"  {i:2}  {name:14}  {q}" for i, (name, q) in enumerate(LESSONS.items(), 1)]
    parser = argparse.ArgumentParser(
        prog="python -m demos",
        description="The course: runs a lesson, whose pictures go to the folder out/NAME.",
        epilog="\n".join(
            ["lessons in reading order:", *listing, "      all             all of them"]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    lessons = parser.add_subparsers(dest="name", metavar="NAME", help="one of those below")
    for name, question in LESSONS.items():
        lesson = lessons.add_parser(name, description=question)
        if name == "perceptron":
            lesson.add_argument(
                "--data",
                type=_points,
                metavar="FILE.csv",
                help="points of your own: x1,x2,label on each line, the label 0 or 1",
            )
    lessons.add_parser("all", description="all lessons, one after the other")
    return parser


def _points(path: str) -> Any:
    try:
        return points.read(path)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
