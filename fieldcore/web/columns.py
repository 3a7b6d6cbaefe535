"""Tables of whole numbers as one block of a page: column by column, as differences from row to row."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import numpy as np
from jaxtyping import Int

from .blocks import Block


def columns_block(tables: Mapping[str, Int[np.ndarray, "_ _"]]) -> Block:
    """Tables of numbers from 0 to 65535.

    Args:
        tables: by name, each of rows and columns.

    Example:
        >>> columns_block({"squares": np.arange(200)[:, None] ** 2}).facts["tables"]
        [['squares', 200, 1]]
    """
    columns = [table.T.astype(np.uint16) for table in tables.values()]
    differences = [np.diff(table, axis=1, prepend=table[:, :1] * 0).reshape(-1) for table in columns]
    joined = np.concatenate(differences).astype("<u2")
    facts = {
        "mime": "application/gzip",
        "tables": [[name, *table.shape] for name, table in tables.items()],
    }
    data = gzip.compress(joined.reshape(-1, 1).view(np.uint8).T.tobytes(), 9, mtime=0)
    values = np.concatenate([table.reshape(-1) for table in columns]).astype(np.float32)
    return Block(facts, data, values[None, :, None], "whole numbers, gzip")
