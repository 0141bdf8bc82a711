"""The processes of the server that have the snapshot: `python -m kg.web.worker SETUP`.

The zygote of `kg.query.zygote`, whose workers make pages as well as answers to queries.
"""

import sys

from kg.query.zygote import main
from kg.web.pages import make_handlers

if __name__ == "__main__":
    main(sys.argv[1], make_handlers)
