"""The console command `minigrad`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from . import __version__, run, step, viz
from .viz import examples, terminal

DEMO_NEEDS = ("gymnasium", "tqdm", "matplotlib", "threadpoolctl")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv if None); returns the exit status."""
    parser = command_line()
    options, rest = parser.parse_known_args(arguments)
    if rest and not hasattr(options, "rest"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # as in `minigrad step script.py | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still to be flushed
        return 1


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
    script.add_argument("script", metavar="SCRIPT", type=readable_file, help="a program for PyTorch or for minigrad")
    script.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")
    script.set_defaults(run=run_script)
    walk = commands.add_parser(
        "step",
        help="walk through a script's backward, one step at a time",
        usage="%(prog)s SCRIPT [ARGS ...] [--call N] [--html OUT]\n       %(prog)s --example NAME [--html OUT]",
        description="Run a script, its torch being minigrad, and step through its first call of backward, or through its "
        "N-th: with the forward pass before it and the optimizer's step after it. What is not an option of this command goes to "
        "the script; after -- everything does.",
        epilog="examples: " + ", ".join(examples.names()),
        allow_abbrev=False,
    )
    walk.add_argument("script", metavar="SCRIPT", type=readable_file, nargs="?", help="a program for PyTorch or for minigrad")
    walk.add_argument("--call", metavar="N", type=whole_number(1), default=1, help="which call of backward; default: 1")
    walk.add_argument("--html", metavar="OUT", type=writable_file, help="write a page for the browser instead")
    walk.add_argument("--example", metavar="NAME", choices=examples.names(), help="one of those that come with minigrad, named below")
    walk.set_defaults(run=run_step, rest=[], parser=walk)
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


def run_step(options: argparse.Namespace) -> int:
    if (options.script is None) == (options.example is None) or options.example and options.rest:
        options.parser.error("give either a SCRIPT or an --example")
    if "--" in options.rest:
        options.rest.remove("--")
    lesson = ""
    if options.example:
        lesson = examples.lesson(options.example)
        trace = viz.trace(examples.EXAMPLES[options.example])
    else:
        try:
            trace = step.record(options.script, options.rest, options.call)
        except step.NotReached as message:
            print(message, file=sys.stderr)
            return 1
    if options.html:
        trace.save(options.html)
        print(f"Written to {options.html}.")
    else:
        terminal.show(trace, lesson)
    return 0


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


def writable_file(text: str) -> str:
    folder(str(Path(text).parent))
    if Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder")
    return text
