"""How torch's threads wait for one another; takes effect only if imported before torch.

By default they spin for long. On a processor that is busy with anything else they spin in each other's way, and two
trainings side by side all but stand still. Giving up after a short spin makes no difference on an idle machine.
"""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "1000")
