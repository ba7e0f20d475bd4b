"""The console command `minigrad`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from . import __version__, run

DEMO_NEEDS = ("gymnasium", "tqdm", "matplotlib", "threadpoolctl")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv if None); returns the exit status."""
    options = command_line().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return 130


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="minigrad", description="PyTorch's autograd, nn and optim on NumPy, to read.")
    parser.add_argument("--version", action="version", version=f"minigrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    demo = commands.add_parser(
        "demo",
        help="train a DQN on CartPole and draw how it went",
        description="Train the course's DQN on Gymnasium's CartPole-v1 until its mean return over 100 episodes "
        "reaches 195. Ctrl-C ends the training early; what there is gets drawn all the same.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    demo.add_argument("--seed", type=whole_number(0), default=0, help="of weights, exploration and environment")
    demo.add_argument("--steps", type=whole_number(1), default=60_000, help="in the environment, at most")
    demo.add_argument("--output", type=folder, default="minigrad-demo", help="folder for returns.png and graph.svg")
    demo.set_defaults(run=run_demo)
    script = commands.add_parser(
        "run",
        help="run an unmodified PyTorch script with minigrad",
        description="Run a script as `python SCRIPT ARGS` would, with minigrad under torch's names: "
        "`import torch.nn as nn` imports minigrad.nn.",
    )
    script.add_argument("script", metavar="SCRIPT", type=readable_file)
    script.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")
    script.set_defaults(run=run_script)
    return parser


def run_demo(options: argparse.Namespace) -> int:
    try:
        from . import demo  # here, because it needs the packages of an optional extra
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in DEMO_NEEDS:
            raise
        print(f"minigrad demo needs {', '.join(DEMO_NEEDS)}: pip install 'minigrad[demo]'", file=sys.stderr)
        return 1
    demo.run(demo.Settings(seed=options.seed, steps=options.steps), options.output)
    return 0


def run_script(options: argparse.Namespace) -> int:
    return run.run(options.script, options.arguments)


def whole_number(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not least <= number < 2**63:
            raise argparse.ArgumentTypeError(f"{number} is not between {least} and 2**63 - 1")
        return number

    return parse


def folder(text: str) -> Path:
    """A folder that can be written to, made if it is not there: better to know before the training than after."""
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write to {text!r}: {error.strerror}") from None


def readable_file(text: str) -> str:
    try:
        with open(text, "rb"):
            return text
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read {text!r}: {error.strerror}") from None
