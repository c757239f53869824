"""``python -m headgate_schema``."""

import sys

from headgate_schema.cli import main

sys.exit(main())
