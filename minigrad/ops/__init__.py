"""The operations, a file per family: rules (the mathematics), and the functions made from them."""
# ruff: noqa: F403
# mypy: disable-error-code="assignment"
# (Some families have helpers of one name; what is reached from here are the functions.)
from .activation import *
from .arithmetic import *
from .arranged import *
from .compare import *
from .contraction import *
from .convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .copies import *
from .creation import *
from .data import *
from .decompositions import *
from .devices import *
from .dropout import *
from .elementary import *
from .extremes import *
from .gathering import *
from .indexing import *
from .linalg import *
from .loss import *
from .masking import *
from .multiply_add import *
from .norms import *
from .order import *
from .padding import constant_pad_nd
from .pairs import *
from .parts import *
from .pathwise import sample_dirichlet, standard_gamma
from .powers import *
from .precision import *
from .products import *
from .rearrange import *
from .reduce import *
from .reduced import scatter_reduce, scatter_reduce_
from .rounding import *
from .rrelu import *
from .sampling import *
from .sampling_in_place import *
from .scattered import *
from .searching import *
from .shape import *
from .special import *
from .statistics import corrcoef, cov, diff, histc
