"""Reads and writes Delta tables with the `deltalake` package, for comparison with Millrace.

Usage: delta_rs.py read TABLE [VERSION] | filter TABLE COLUMN OP VALUE | lost TABLE | polars TABLE
     | query TABLE | transaction TABLE APPLICATION | write TABLE SCENARIO
All but `write` print one JSON document.
"""

import datetime
import decimal
import json
import os
import pathlib
import sys

import deltalake
import pyarrow as pa
import pyarrow.compute as pc

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from plain_values import plain

UTC = datetime.timezone.utc


def main() -> None:
    command, table, *rest = sys.argv[1:]
    if command == "read":
        print(json.dumps(read(table, int(rest[0]) if rest else None)))
    elif command == "filter":
        column, operator, value = rest
        found = deltalake.DeltaTable(table).to_pyarrow_table(filters=[(column, operator, json.loads(value))])
        print(json.dumps([plain(row) for row in found.to_pylist()]))
    elif command == "lost":
        print(json.dumps(lost(table)))
    elif command == "polars":
        print(json.dumps([plain(row) for row in read_by_folder_names(table)]))
    elif command == "query":
        print(json.dumps([plain(row) for row in query(table)]))
    elif command == "transaction":
        print(json.dumps(deltalake.DeltaTable(table).transaction_version(rest[0])))
    elif command == "write":
        SCENARIOS[rest[0]](table)
    else:
        sys.exit(f"unknown command: {command}")


def read(path: str, version: int | None) -> dict:
    table = deltalake.DeltaTable(path, version=version)
    schema = json.loads(table.schema().to_json())
    return {
        "version": table.version(),
        "schema": {field["name"]: field["type"] for field in schema["fields"]},
        "partitions": table.metadata().partition_columns,
        "rows": [plain(row) for row in table.to_pyarrow_table().to_pylist()],
        "history": [
            {"version": commit["version"], "operation": commit["operation"], "engine": commit.get("engineInfo")}
            for commit in table.history()
        ],
    }


def query(path: str) -> list:
    """Rows by the package's query engine, which knows deletion vectors and column mapping."""
    found = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(path)).execute("select * from t")
    return pa.table(found.read_all()).to_pylist()


def lost(path: str) -> list:
    """Rows that a filter on one of their own values does not find, by column, comparison and `id`."""
    table = deltalake.DeltaTable(path)
    rows = table.to_pyarrow_table()
    dataset = table.to_pyarrow_dataset()
    comparisons = {"=": pc.equal, "<=": pc.less_equal, ">=": pc.greater_equal}
    missing = []
    for column in rows.column_names:
        for row, value in zip(rows["id"].to_pylist(), rows[column]):
            for sign, compare in comparisons.items():
                found = dataset.to_table(filter=compare(pc.field(column), value), columns=["id"])
                if row not in found["id"].to_pylist():
                    missing.append([column, sign, row])
    return missing


def read_by_folder_names(path: str) -> list:
    """Rows as `polars` reads them, which takes partition values from the names of folders."""
    import polars

    return polars.scan_delta(path).collect().to_dicts()


def sample(ids: list[int]) -> pa.Table:
    instant = datetime.datetime(2020, 1, 1, 1, 2, 3, 123456, tzinfo=UTC)
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "small": pa.array([i % 100 for i in ids], pa.int8()),
            "amount": pa.array([decimal.Decimal("1.50")] * len(ids), pa.decimal128(18, 2)),
            "ratio": pa.array([0.5 if i % 2 else None for i in ids], pa.float64()),
            "name": pa.array([f"n{i}" for i in ids]),
            "day": pa.array([datetime.date(2020, 2, 29)] * len(ids)),
            "at": pa.array([instant] * len(ids), pa.timestamp("us", "UTC")),
            "raw": pa.array([b"\xaa"] * len(ids)),
            "list": pa.array([[1, None]] * len(ids), pa.list_(pa.int32())),
            "struct": pa.array([{"a": i, "b": {"c": "x"}} for i in ids]),
            "map": pa.array([[("k", 1)]] * len(ids), pa.map_(pa.string(), pa.int64())),
        }
    )


def write_append(path: str) -> None:
    deltalake.write_deltalake(path, sample([1, 2]))
    deltalake.write_deltalake(path, sample([3]), mode="append")


def write_overwrite(path: str) -> None:
    deltalake.write_deltalake(path, sample([1, 2]))
    deltalake.write_deltalake(path, sample([3]), mode="overwrite")


def partition_rows() -> pa.Table:
    values = ["a/b=c d%", None, "plain", "é[1]*", "a:b"]
    return pa.table(
        {
            "id": pa.array(range(len(values)), pa.int64()),
            "p": pa.array(values),
            "day": pa.array([datetime.date(2020, 1, 1), None] + [datetime.date(2020, 1, 2)] * 3),
            "at": pa.array([datetime.datetime(2020, 1, 1, 1, 2, 3, 500000, tzinfo=UTC)] * 5, pa.timestamp("us", "UTC")),
        }
    )


def write_partitioned(path: str) -> None:
    deltalake.write_deltalake(path, partition_rows(), partition_by=["p", "day", "at"])


def write_checkpoint(path: str) -> None:
    for i in range(7):
        deltalake.write_deltalake(path, sample([i]), mode="append")
    deltalake.DeltaTable(path).create_checkpoint()
    deltalake.write_deltalake(path, sample([7]), mode="append")
    deltalake.DeltaTable(path).delete("id = 3")


def write_evolved(path: str) -> None:
    deltalake.write_deltalake(path, pa.table({"id": pa.array([1], pa.int64())}))
    extra = pa.table({"id": pa.array([2], pa.int64()), "extra": pa.array(["x"])})
    deltalake.write_deltalake(path, extra, mode="append", schema_mode="merge")


def write_naive_time(path: str) -> None:
    deltalake.write_deltalake(path, pa.table({"at": pa.array([1], pa.timestamp("us"))}))


def write_stream(path: str) -> None:
    """What an application does that counts its batches itself and was last seen 40 days ago."""
    seen = datetime.datetime.now(UTC) - datetime.timedelta(days=40)
    batch = deltalake.Transaction("spark-stream", 7, int(seen.timestamp() * 1000))
    properties = deltalake.CommitProperties(app_transactions=[batch])
    deltalake.write_deltalake(path, pa.table({"id": pa.array([0], pa.int64())}), commit_properties=properties)


def append_to_existing(path: str) -> None:
    table = pa.table({"id": pa.array([100], pa.int64()), "name": pa.array(["from deltalake"])})
    deltalake.write_deltalake(path, table, mode="append")


def compact_existing(path: str) -> None:
    table = deltalake.DeltaTable(path)
    table.optimize.compact()
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)


def wide_numbers(first: int) -> pa.Table:
    whole = [decimal.Decimal(12345678901234567891 + first + i) for i in range(3)]
    cents = [decimal.Decimal(f"{number}{number}"[:34]) + decimal.Decimal("0.07") for number in whole]
    return pa.table(
        {
            "id": pa.array(whole, pa.decimal128(20, 0)),
            "wide": pa.array(cents, pa.decimal128(38, 2)),
            "money": pa.array([decimal.Decimal(9999999999999990 + first + i) for i in range(3)], pa.decimal128(18, 2)),
            "big": pa.array([2**53 + 1 + first + i for i in range(3)], pa.int64()),
            "text": pa.array(["x" * 40 + chr(0x1F600 + first + i) for i in range(3)]),
            "faces": pa.array([chr(0x1F600) * 20 + chr(0x1F600 + first + i) for i in range(3)]),
            "at": pa.array([first + i - 3 for i in range(3)], pa.timestamp("us", "UTC")),
            "v": pa.array([0] * 3, pa.int64()),
        }
    )


def write_wide(path: str) -> None:
    for first in (0, 3):
        deltalake.write_deltalake(path, wide_numbers(first), mode="append")


def write_wide_compacted(path: str) -> None:
    write_wide(path)
    deltalake.DeltaTable(path).optimize.compact()


SCENARIOS = {
    "append": write_append,
    "overwrite": write_overwrite,
    "partitioned": write_partitioned,
    "checkpoint": write_checkpoint,
    "evolved": write_evolved,
    "naive-time": write_naive_time,
    "stream": write_stream,
    "wide": write_wide,
    "wide-compacted": write_wide_compacted,
    "append-to-existing": append_to_existing,
    "compact-existing": compact_existing,
}

if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the threads of the two native packages abort the process now and then when it ends by itself
