"""What is imported late: every name that is promised is found, and `import minigrad` does not wait for rare ones."""
import pickle
import subprocess
import sys
from importlib import import_module

import pytest

import minigrad
from minigrad import ops

NOT_AT_ONCE = ["minigrad.nn", "minigrad.optim", "minigrad.ops.gathering", "minigrad.ops.decompositions", "minigrad.random.normal"]


def test_import_is_lean():
    shown = f"import sys, minigrad; print([name for name in {NOT_AT_ONCE} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize("family", ops.FAMILIES)
def test_families_have_their_functions(family):
    room = import_module(f"minigrad.ops.{family}")
    for name in ops.FAMILIES[family].split():
        assert getattr(ops, name) is getattr(room, name), name


def test_no_function_hides_a_family():
    names = [name for names in ops.FAMILIES.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert not set(names) & set(ops.FAMILIES)


def test_every_name_is_found():
    for name in dir(minigrad):
        assert getattr(minigrad, name) is getattr(minigrad, name), name
    for name in dir(minigrad.Tensor):
        assert type(getattr(minigrad.Tensor, name)).__name__ != "Method", name
    assert minigrad.tensor([1.0]).item() == 1 and minigrad.absolute is minigrad.absolute


def test_all_of_it_can_be_imported():
    names: dict[str, object] = {}
    exec("from minigrad import *", names)
    assert names["einsum"] is minigrad.einsum and names["tensor"] is minigrad.tensor and names["float32"] is minigrad.float32
    assert not {"cache", "import_module", "nn"} & set(names)


def test_one_face_for_several_names():
    assert minigrad.concat is minigrad.concatenate
    assert pickle.loads(pickle.dumps(minigrad.einsum)) is minigrad.einsum


def test_a_method_takes_the_place_of_its_promise():
    program = """if True:
        import minigrad
        class Mine(minigrad.Tensor):
            def sinc(self): return "mine, over " + type(super().sinc()).__name__
        assert type(vars(minigrad.Tensor)["sinc"]).__name__ == "Method"
        x = minigrad.zeros(2)
        assert x.as_subclass(Mine).sinc() == "mine, over Tensor"
        assert x.sinc().tolist() == [1, 1] and type(vars(minigrad.Tensor)["sinc"]).__name__ == "function"
        assert minigrad.Tensor.absolute_.__doc__ == "`absolute`, in place."
    """
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stderr == ""


def test_an_unknown_name_suggests_one_that_is_late():
    with pytest.raises(AttributeError, match="Did you mean 'einsum'"):
        minigrad.einsumm  # noqa: B018
