"""python -m minigrad"""

from .cli import main

raise SystemExit(main())
