"""The console command: options, refusals, and Ctrl-C in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import pytest

import minigrad
from minigrad.cli import DEMO_NEEDS, main


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"minigrad {minigrad.__version__}\n"


def test_help_names_options_and_defaults(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    for part in ("--seed", "--steps", "(default: 60000)", "--output", "(default: minigrad-demo)"):
        assert part in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "required: COMMAND"),
        (("dance",), "invalid choice: 'dance'"),
        (("demo", "--steps", "0"), "0 is not between 1 and"),
        (("demo", "--steps", "many"), "'many' is not a whole number"),
        (("demo", "--seed", "-1"), "-1 is not between 0 and"),
        (("demo", "--seed", str(2**63)), "is not between 0 and"),
        (("demo", "--speed", "3"), "unrecognized arguments: --speed 3"),
    ],
)
def test_bad_arguments_are_refused(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *arguments)


def test_an_output_that_is_no_folder_is_refused_before_training(capsys, tmp_path):
    (tmp_path / "taken").write_text("")
    assert "cannot write to" in refused(capsys, "demo", "--output", str(tmp_path / "taken"))
    assert "cannot write to" in refused(capsys, "demo", "--output", str(tmp_path / "taken" / "below"))


def test_a_folder_that_is_closed_to_us_is_refused_before_training(capsys, tmp_path, monkeypatch):
    def closed(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(tempfile, "TemporaryFile", closed)
    assert "Permission denied" in refused(capsys, "demo", "--output", str(tmp_path))


@pytest.mark.parametrize("package", DEMO_NEEDS)
def test_a_missing_extra_is_named_with_the_line_that_helps(capsys, monkeypatch, tmp_path, package):
    for name in [m for m in sys.modules if m.startswith("minigrad.demo") or m.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(minigrad, "demo", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["demo", "--output", str(tmp_path)]) == 1
    assert "pip install 'minigrad[demo]'" in capsys.readouterr().err


def test_python_m_minigrad_is_the_command():
    done = subprocess.run([sys.executable, "-m", "minigrad", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"minigrad {minigrad.__version__}\n"


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_ctrl_c_stops_cleanly_and_writes_what_there_is(tmp_path):
    command = [sys.executable, "-m", "minigrad", "demo", "--output", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    first = process.stderr.read(1)  # the progress bar: training has begun
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert first and process.returncode == 0
    assert "Traceback" not in err
    assert re.match(r"Stopped before the goal of 195: the last \d+ of \d+ episodes returned", out)
    assert sorted(os.listdir(tmp_path)) == ["graph.svg", "returns.png"]
