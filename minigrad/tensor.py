"""class Tensor: where operations become methods and operators. The mathematics is in ops/, the graph in autograd/."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _tensor_str, autograd, dtypes
from .autograd import variable
from .autograd.rule import apply
from .autograd.variable import TensorBase, alias, wrap
from .ops import activation, compare, creation, elementwise, indexing, linalg, reduce
from .ops import shape as shapes
from .ops.family import operator
from .ops.shape import Size


class Tensor(TensorBase):
    """An n-dimensional array that can be differentiated. Mirrors torch.Tensor.

    `tensor(data)` makes one; `Tensor(2, 3)` (uninitialised) and `Tensor([1, 2])` (float32) are PyTorch's older ways.
    """

    __slots__ = ()
    __hash__ = object.__hash__
    is_cuda = is_sparse = is_quantized = is_meta = is_mps = False
    layout = "torch.strided"

    if TYPE_CHECKING:  # the methods that add_methods() adds

        def __getattr__(self, name: str) -> Any: ...

    def __new__(cls, *data: Any, device: Any = None) -> Tensor:
        creation.check_device(device)
        if len(data) == 1 and not hasattr(data[0], "__index__") or len(data) == 1 and isinstance(data[0], TensorBase):
            made = wrap(creation.from_data(data[0], dtypes.get_default_dtype()))
            return made if cls is Tensor else made.as_subclass(cls)
        return creation.empty(*data) if data else creation.empty(0)

    def as_subclass(self, cls: type) -> Any:
        """The same tensor as an object of a subclass. Mirrors torch.Tensor.as_subclass."""
        twin = object.__new__(cls)
        twin.array, twin._requires_grad, twin._edge = self.array, self._requires_grad, self._edge
        twin._counter, twin._base = self._counter, None
        return twin

    # ---- what it is

    @property
    def shape(self) -> Size:
        """The size of each dimension."""
        return Size(self.array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        return Size(self.array.shape) if dim is None else self.array.shape[shapes.normalize_dim(dim, self.array.ndim)]

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of_array(self.array)

    @property
    def device(self) -> creation.device:
        """Where the tensor lives: the CPU."""
        return creation.CPU

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def dim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return self.array.size

    nelement = numel

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return self.array.itemsize

    def element_size(self) -> int:
        """Bytes per element."""
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.array.nbytes

    def stride(self, dim: int | None = None) -> Any:
        """How many elements of memory lie from one index to the next, per dimension."""
        strides = tuple([s // self.array.itemsize for s in self.array.strides])
        return strides if dim is None else strides[dim]

    def data_ptr(self) -> int:
        """The address of the first element."""
        return self.array.__array_interface__["data"][0]

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Whether the elements lie in memory in order."""
        return self.array.flags.c_contiguous

    def is_floating_point(self) -> bool:
        """Whether the dtype is a float."""
        return self.array.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Always False: there are no complex tensors here."""
        return False

    def is_inference(self) -> bool:
        """Whether the tensor was made in inference mode."""
        return self._inference

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The name of the tensor's type ("torch.FloatTensor"), or the tensor converted."""
        if dtype is None:
            return f"torch.{self.dtype.scalar_name}Tensor"
        if isinstance(dtype, str):
            dtype = next(d for d in dtypes.ALL.values() if f"torch.{d.scalar_name}Tensor" == dtype)
        return self.to(getattr(dtype, "dtype", dtype))

    # ---- out of the graph, and into Python and NumPy

    def detach(self) -> Tensor:
        """The same memory, outside the graph. Changes in place are seen by both, and noticed by backward."""
        return alias(self)

    def detach_(self) -> Tensor:
        """Take this tensor itself out of the graph."""
        if self._base is not None and self.requires_grad:
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
                "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
                "these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as "
                "the solution."
            )
        self._edge, self._requires_grad = None, False
        return self

    @property
    def data(self) -> Tensor:
        """The same memory, outside the graph; unlike with `detach()`, backward does not notice its changes."""
        twin = wrap(self.array)
        return twin

    @data.setter
    def data(self, new: Tensor) -> None:
        if not isinstance(new, TensorBase):
            raise TypeError(f"Variable data has to be a tensor, but got {type(new).__name__}")
        if new.array.dtype.kind != "f" and self._requires_grad:
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self.array = new.array

    def item(self) -> Any:
        """The only element, as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
        return self.array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The array itself, sharing memory. A tensor that requires a gradient must be detached first."""
        if self.requires_grad and not force:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None:
            return array.astype(dtype, copy=bool(copy))
        return array.copy() if copy else array

    def __bool__(self) -> bool:
        if self.array.size == 1:
            return bool(self.array.item())
        if self.array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.array.dtype.kind not in "biu" or self.array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(shapes.unbind(self, 0))

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).array.any())

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        node = self.grad_fn
        return _tensor_str.tensor_str(
            self.array,
            dtype_name=repr(self.dtype),
            default_dtype_name=repr(dtypes.get_default_dtype()),
            requires_grad=self.requires_grad,
            grad_fn_name=None if node is None else type(node).__name__,
        )

    def __format__(self, spec: str) -> str:
        return self.item().__format__(spec) if not self.array.ndim and type(self) is Tensor else object.__format__(self, spec)

    def __reduce__(self) -> Any:
        return rebuild, (self.array, self._requires_grad and self._edge is None)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self._edge is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you "
                "were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
                "https://github.com/pytorch/pytorch/pull/103001"
            )
        twin = wrap(self.array.copy()).as_subclass(type(self)) if type(self) is not Tensor else wrap(self.array.copy())
        twin._requires_grad = self._requires_grad
        memo[id(self)] = twin
        if self._grad is not None:
            twin._grad = self._grad.__deepcopy__(memo)
        return twin

    # ---- conversion

    def to(self, *args: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False, copy: bool = False,
           memory_format: Any = None) -> Tensor:
        """The tensor in another dtype (or as `other` has it); itself if nothing changes. Mirrors torch.Tensor.to."""
        for arg in args:
            if isinstance(arg, TensorBase):
                dtype = arg.dtype  # type: ignore[attr-defined]
            elif isinstance(arg, dtypes.dtype) or arg in (float, int, bool):
                dtype = arg
            elif isinstance(arg, (str, creation.device)) or type(arg) is int:
                device = arg
            elif not isinstance(arg, bool) and arg is not None:
                raise TypeError(f"to() received an invalid combination of arguments - got ({type(arg).__name__})")
        creation.check_device(device)
        goal = self.array.dtype if dtype is None else dtypes.to_numpy(dtype)
        if goal != self.array.dtype:
            return apply(shapes.ToCopy, self, dtype=goal)
        return self.clone() if copy else self

    def type_as(self, other: Tensor) -> Tensor:
        """The tensor in the dtype of another."""
        return self.to(other)

    def double(self) -> Tensor:
        """As float64."""
        return self.to(dtypes.float64)

    def float(self) -> Tensor:
        """As float32."""
        return self.to(dtypes.float32)

    def half(self) -> Tensor:
        """As float16."""
        return self.to(dtypes.float16)

    def long(self) -> Tensor:
        """As int64."""
        return self.to(dtypes.int64)

    def int(self) -> Tensor:
        """As int32."""
        return self.to(dtypes.int32)

    def short(self) -> Tensor:
        """As int16."""
        return self.to(dtypes.int16)

    def byte(self) -> Tensor:
        """As uint8."""
        return self.to(dtypes.uint8)

    def bool(self) -> Tensor:
        """As bool."""
        return self.to(dtypes.bool_)

    def cpu(self, memory_format: Any = None) -> Tensor:
        """The tensor itself: it is on the CPU already."""
        return self

    def cuda(self, device: Any = None, non_blocking: Any = False, memory_format: Any = None) -> Tensor:
        """Raises PyTorch's error of a build without CUDA."""
        raise AssertionError("Torch not compiled with CUDA enabled")

    def pin_memory(self, device: Any = None) -> Tensor:
        """The tensor itself: there is no other memory to copy to."""
        return self

    # ---- backward

    def backward(self, gradient: Any = None, retain_graph: Any = None, create_graph: Any = False, inputs: Any = None) -> None:
        """Add the gradient of this tensor to the `.grad` of the leaves it was computed from. Mirrors torch.Tensor.backward.

        For a scalar; of a tensor with more elements, `gradient` gives the vector of the vector-Jacobian product. The graph is freed
        on the way unless `retain_graph`; with `create_graph` the gradients can be differentiated again.
        """
        autograd.backward(self, gradient, retain_graph, create_graph, inputs)

    # ---- operators

    __add__ = elementwise.add_operator
    __radd__ = elementwise.radd_operator
    __sub__ = elementwise.sub_operator
    __rsub__ = elementwise.rsub_operator
    __mul__ = elementwise.mul_operator
    __rmul__ = elementwise.rmul_operator
    __truediv__ = elementwise.div_operator
    __rtruediv__ = elementwise.rdiv_operator
    __floordiv__ = elementwise.floor_divide_operator
    __rfloordiv__ = elementwise.rfloor_divide_operator
    __mod__ = elementwise.remainder_operator
    __rmod__ = elementwise.rremainder_operator
    __pow__ = elementwise.pow_operator
    __rpow__ = elementwise.rpow_operator
    __neg__ = elementwise.neg
    __abs__ = elementwise.abs
    __matmul__ = linalg.matmul_operator
    __iadd__ = operator(elementwise.add_)
    __isub__ = operator(elementwise.sub_)
    __imul__ = operator(elementwise.mul_)
    __itruediv__ = operator(elementwise.div_)
    __ifloordiv__ = operator(elementwise.floor_divide_)
    __ipow__ = operator(elementwise.pow_)
    __imod__ = operator(elementwise.remainder_)
    __eq__ = compare.eq_operator  # type: ignore[assignment]
    __ne__ = compare.ne_operator  # type: ignore[assignment]
    __lt__ = compare.lt_operator
    __le__ = compare.le_operator
    __gt__ = compare.gt_operator
    __ge__ = compare.ge_operator
    __and__ = compare.and_operator
    __rand__ = compare.rand_operator
    __or__ = compare.or_operator
    __ror__ = compare.ror_operator
    __xor__ = compare.xor_operator
    __rxor__ = compare.rxor_operator
    __lshift__ = compare.lshift_operator
    __rlshift__ = compare.rlshift_operator
    __rshift__ = compare.rshift_operator
    __rrshift__ = compare.rrshift_operator
    __invert__ = compare.bitwise_not
    __iand__ = operator(compare.bitwise_and_)
    __ior__ = operator(compare.bitwise_or_)
    __ixor__ = operator(compare.bitwise_xor_)
    __ilshift__ = operator(compare.bitwise_left_shift_)
    __irshift__ = operator(compare.bitwise_right_shift_)
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem

    def __pos__(self) -> Tensor:
        return self

    def __rmatmul__(self, other: Any) -> Tensor:
        return linalg.matmul_operator(other, self)

    T = property(shapes.reverse_dims)
    mT = property(shapes.matrix_transpose)

    # ---- NumPy's functions on tensors: what lets a gradient rule run on them, and np.sin(x) in a student's code

    __array_priority__ = 1000

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc is np.add:
            return reduce.sum(inputs[0], kwargs.get("axis"), kwargs.get("keepdims", False))
        operation = UFUNCS.get(ufunc.__name__)
        if method != "__call__" or operation is None or kwargs:
            return NotImplemented
        return operation(*[as_operand(x) for x in inputs])

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        operation = FUNCTIONS.get(function.__name__)
        if operation is None:
            return function(*[to_array(x) for x in args], **{k: to_array(v) for k, v in kwargs.items()})
        return operation(*args, **kwargs)


def as_operand(x: Any) -> Any:
    """An array among a ufunc's inputs is a constant tensor."""
    return wrap(x) if isinstance(x, np.ndarray) else x


def to_array(x: Any) -> Any:
    """A NumPy function that has no counterpart here works on arrays, which tensors that require a gradient refuse to become."""
    if isinstance(x, (list, tuple)):
        return type(x)([to_array(item) for item in x])
    return x.numpy() if isinstance(x, Tensor) else x


UFUNCS: dict[str, Callable[..., Any]] = {
    "add": elementwise.add, "subtract": elementwise.sub, "multiply": elementwise.mul, "divide": elementwise.div,
    "true_divide": elementwise.div, "floor_divide": elementwise.floor_divide, "remainder": elementwise.remainder,
    "power": elementwise.pow, "negative": elementwise.neg, "absolute": elementwise.abs, "sign": elementwise.sign,
    "sqrt": elementwise.sqrt, "exp": elementwise.exp, "expm1": elementwise.expm1, "log": elementwise.log,
    "log1p": elementwise.log1p, "log2": elementwise.log2, "log10": elementwise.log10, "sin": elementwise.sin,
    "cos": elementwise.cos, "tan": elementwise.tan, "arctan": elementwise.atan, "tanh": elementwise.tanh,
    "floor": elementwise.floor, "ceil": elementwise.ceil, "trunc": elementwise.trunc, "square": elementwise.square,
    "maximum": elementwise.maximum, "minimum": elementwise.minimum, "matmul": linalg.matmul, "equal": compare.eq,
    "not_equal": compare.ne, "less": compare.lt, "less_equal": compare.le, "greater": compare.gt, "greater_equal": compare.ge,
    "logical_and": compare.logical_and, "logical_or": compare.logical_or, "logical_not": compare.logical_not,
    "invert": compare.bitwise_not, "bitwise_and": compare.bitwise_and, "bitwise_or": compare.bitwise_or,
    "isnan": compare.isnan, "isinf": compare.isinf, "isfinite": compare.isfinite, "reciprocal": elementwise.reciprocal,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda x, axis=None, keepdims=False, **_: reduce.sum(x, axis, keepdims),
    "mean": lambda x, axis=None, keepdims=False, **_: reduce.mean(x, axis, keepdims),
    "where": elementwise.where,
    "clip": lambda x, a_min=None, a_max=None, **_: elementwise.clamp(x, a_min, a_max),
    "concatenate": lambda arrays, axis=0: shapes.cat(arrays, axis),
    "stack": lambda arrays, axis=0: shapes.stack(arrays, axis),
    "shape": lambda x: x.array.shape,
    "ndim": lambda x: x.array.ndim,
}


def rebuild(array: np.ndarray, requires_grad: bool) -> Tensor:
    """What unpickling calls."""
    return wrap(array).requires_grad_(requires_grad)


def add_methods() -> None:
    """Every operation whose first argument is the tensor is a method of the same name, with the same documentation."""
    for family, names in METHODS.items():
        for name in names.split():
            setattr(Tensor, name, getattr(family, name))


METHODS = {
    elementwise: """
        add add_ sub sub_ subtract mul mul_ multiply div div_ divide true_divide floor_divide floor_divide_ remainder remainder_ fmod fmod_
        neg neg_ negative abs abs_ absolute sign sign_ reciprocal reciprocal_ pow pow_ square sqrt sqrt_ rsqrt rsqrt_
        exp exp_ expm1 expm1_ log log_ log1p log1p_ log2 log2_ log10 log10_ sin sin_ cos cos_ tan tan_ atan atan_ arctan
        tanh tanh_ sigmoid sigmoid_ floor floor_ ceil ceil_ trunc trunc_ round round_ maximum minimum clamp clamp_ clip clip_
        masked_fill masked_fill_ lerp lerp_ addcmul addcmul_ addcdiv addcdiv_""",
    compare: """
        eq eq_ ne ne_ lt lt_ le le_ gt gt_ ge ge_ not_equal less less_equal greater greater_equal equal isclose allclose
        logical_and logical_and_ logical_or logical_or_ logical_xor logical_xor_ logical_not logical_not_
        bitwise_and bitwise_and_ bitwise_or bitwise_or_ bitwise_xor bitwise_xor_ bitwise_not bitwise_not_ bitwise_left_shift bitwise_left_shift_
        bitwise_right_shift bitwise_right_shift_ isnan isinf isfinite""",
    reduce: """
        sum mean var std prod cumsum cumprod max min amax amin argmax argmin all any count_nonzero softmax log_softmax logsumexp
        norm dist sort argsort topk median""",
    shapes: """
        view view_as reshape reshape_as flatten ravel unflatten t t_ transpose transpose_ swapaxes swapdims permute movedim moveaxis
        unsqueeze unsqueeze_ squeeze squeeze_ expand expand_as broadcast_to contiguous clone select narrow split chunk unbind repeat
        tile repeat_interleave flip roll tril triu diagonal diag unfold copy_ fill_ zero_""",
    indexing: """
        gather take_along_dim scatter scatter_ scatter_add scatter_add_ index_select index_add index_add_ index_fill_ index_copy_
        index_put index_put_ masked_select take nonzero argwhere unique bincount""",
    linalg: "matmul mm mv dot bmm addmm baddbmm outer",
    activation: "relu relu_",
    creation: """
        new_zeros new_ones new_empty new_full new_tensor multinomial bernoulli bernoulli_ uniform_ normal_ exponential_ random_""",
}
add_methods()


def where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """self where the condition holds, other elsewhere."""
    return elementwise.where(condition, self, other)


Tensor.where = where_method  # type: ignore[attr-defined]
variable.tensor_type = Tensor
