# Reads the table `orders` of a database with dlt into Parquet: `sql_reader.py <address> <folder>`. Prints the seconds
# without start and imports, and the rows.
import contextlib
import io
import json
import sys
import time

import dlt
from dlt.sources.sql_database import sql_table

address, folder = sys.argv[1:]

table = sql_table(credentials=address, table="orders", backend="pyarrow", chunk_size=100_000)
destination = dlt.destinations.filesystem(f"file://{folder}/lake")
pipeline = dlt.pipeline("bench", destination=destination, dataset_name="bench", pipelines_dir=f"{folder}/pipelines")
started = time.perf_counter()
with contextlib.redirect_stderr(io.StringIO()):
    pipeline.run(table, loader_file_format="parquet")
rows = pipeline.last_trace.last_normalize_info.row_counts["orders"]
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started}))
