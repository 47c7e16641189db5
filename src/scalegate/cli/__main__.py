"""`python -m scalegate.cli`: the command line where no script is installed."""

import sys

from scalegate.cli.main import main

sys.exit(main())
