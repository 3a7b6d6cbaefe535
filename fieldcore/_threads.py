"""How torch's threads wait for one another; takes effect only if imported before torch.

By default they spin. On a processor that is busy with anything else, they then spin in each other's way, and a training
beside another took forty times as long. Giving up after a short spin costs an idle machine nothing measurable.
"""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "1000")
