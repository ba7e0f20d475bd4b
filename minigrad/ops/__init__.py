"""The operations, a file per family: rules (the mathematics), and the functions made from them."""
# ruff: noqa: F403
# mypy: disable-error-code="assignment"
# (Some families have helpers of one name; what is reached from here are the functions.)
from .activation import *
from .compare import *
from .contraction import *
from .copies import *
from .creation import *
from .data import *
from .devices import *
from .elementwise import *
from .gathering import *
from .indexing import *
from .linalg import *
from .loss import *
from .parts import *
from .rearrange import *
from .reduce import *
from .sampling import *
from .searching import *
from .shape import *
