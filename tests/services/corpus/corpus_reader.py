"""Reads Delta tables with the `deltalake` package and writes their rows to Parquet files, for comparison with Millrace.

Takes the request `{"table": FOLDER, "rows": FILE}`, see `line_server.py`; the answer is the number of rows.
"""

import pathlib
import sys

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from line_server import Answers


def read(request: dict) -> int:
    table = deltalake.DeltaTable(request["table"])
    rows = pa.table(deltalake.QueryBuilder().register("t", table).execute("select * from t"))
    pq.write_table(rows, request["rows"])
    return rows.num_rows


if __name__ == "__main__":
    Answers().serve(deltalake.__version__, read)
