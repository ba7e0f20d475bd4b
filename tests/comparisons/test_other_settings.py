"""Calls in another process, where PyTorch has other settings."""
from __future__ import annotations

import os
import subprocess

import pytest

from comparisons.elsewhere import SETTINGS, calls


def test_its_settings_are_those_given_and_none_of_those_here(monkeypatch):
    for name in SETTINGS:
        monkeypatch.setenv(name, "here")
    found = calls({"MKL_CBWR": "COMPATIBLE"}, *[(os.getenv, name) for name in SETTINGS], (os.getenv, "OMP_NUM_THREADS"))
    assert found == ["COMPATIBLE", None, None, "1"]


def test_what_it_prints_is_no_answer():
    assert calls({}, (print, "a line"), (max, 1, 2)) == [None, 2]


def test_its_failure_is_one_here():
    with pytest.raises(subprocess.CalledProcessError):
        calls({}, (int, "x"))
