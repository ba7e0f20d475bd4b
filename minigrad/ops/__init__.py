"""The operations, a file per family: rules (the mathematics), and the functions made from them."""
# ruff: noqa: F403
from .activation import *
from .compare import *
from .creation import *
from .elementwise import *
from .indexing import *
from .linalg import *
from .loss import *
from .reduce import *
from .shape import *
