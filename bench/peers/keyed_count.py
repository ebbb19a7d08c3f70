"""Counts lines of JSON by their `id` with Bytewax, its recovery on as documented: `keyed_count.py <lines> <folder for its state>`.

The answer is one line of JSON: milliseconds of the dataflow without the start of Python, the number of records, and the digest of the counts.
"""

import hashlib
import json
import sys
import time
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

lines, state = sys.argv[1:3]
counts: dict[str, int] = {}


class Keep(StatelessSinkPartition):
    def write_batch(self, items):
        counts.update(items)


class Sink(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return Keep()


def count(state, _event):
    state = (state or 0) + 1
    return state, state


flow = Dataflow("count")
events = op.map("parse", op.input("lines", flow, FileSource(lines, batch_size=10_000)), json.loads)
op.output("out", op.stateful_map("count", op.key_on("id", events, lambda event: event["id"]), count), Sink())

Path(state).mkdir(parents=True)
init_db_dir(Path(state), 1)
started = time.perf_counter()
run_main(flow, epoch_interval=timedelta(seconds=10), recovery_config=RecoveryConfig(state))
ms = (time.perf_counter() - started) * 1000
digest = hashlib.sha256("\n".join(sorted(f"{key} {n}" for key, n in counts.items())).encode()).hexdigest()
print(json.dumps({"ms": ms, "records": sum(counts.values()), "digest": digest}))
