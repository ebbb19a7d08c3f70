#!/usr/bin/env bash
# The Delta protocol says that a file's partition values are those of the log, and that the names of folders mean nothing; writers use
# that (random prefixes against hot spots in object stores, files that were added where they lay). One would guess that
# `polars.read_delta` reads the values from the log, since it asks the package deltalake for the files. It takes them from the path:
# folders without `column=value` give NULL in every row, and those with another value give that value, both without a word, so that a
# filter on the day finds nothing. deltalake itself reads the log. Known there since 2025 as pola-rs/polars#23391.
#
# Seen with polars 2.1.0, deltalake 1.6.6, pyarrow 26.0.1. The table is written with deltalake alone, with the names of its files
# handed to its own `create_write_transaction`.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 deltalake==1.6.6 pyarrow==26.0.1

cat >ask.py <<'EOF'
import json, os, sys
import deltalake, polars, pyarrow, pyarrow.parquet
from deltalake import DeltaTable, Field, QueryBuilder, Schema
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction

schema = Schema([Field("id", PrimitiveType("long")), Field("day", PrimitiveType("string"))])


def write(name, files):
    table = DeltaTable.create(name, schema, partition_by=["day"])
    adds = []
    for number, (day, path) in enumerate(files):
        os.makedirs(os.path.dirname(f"{name}/{path}"), exist_ok=True)
        pyarrow.parquet.write_table(pyarrow.table({"id": [number]}), f"{name}/{path}")
        adds.append(AddAction(path, os.path.getsize(f"{name}/{path}"), {"day": day}, 0, True, json.dumps({"numRecords": 1})))
    table.create_write_transaction(adds, mode="append", schema=schema, partition_by=["day"])


def days(rows):
    return [day for _, day in sorted(zip(rows["id"].to_list(), rows["day"].to_list()))]


def read(name):
    return {
        "deltalake": days(polars.DataFrame(QueryBuilder().register("t", DeltaTable(name)).execute("select id, day from t").read_all())),
        "polars": days(polars.read_delta(name)),
        "polars, day == 'mon'": days(polars.scan_delta(name).filter(polars.col("day") == "mon").collect()),
    }


print(f"polars {polars.__version__}, deltalake {deltalake.__version__}, pyarrow {pyarrow.__version__}")
tables = {
    "hive": (["day=mon/0.parquet", "day=tue/1.parquet"], ["mon", "tue"], ["mon"]),
    "prefixes": (["x7/0.parquet", "q2/1.parquet"], [None, None], []),
    "restored": (["day=old-mon/0.parquet", "day=old-tue/1.parquet"], ["old-mon", "old-tue"], []),
}
failed = False
for name, (paths, values, found) in tables.items():
    write(name, zip(["mon", "tue"], paths))
    seen = read(name)
    print(f"days mon and tue in {paths}")
    for reader, read_days in seen.items():
        print(f"  {reader:23}{read_days}")
    failed = failed or list(seen.values()) != [["mon", "tue"], values, found]
sys.exit(1 if failed else 0)
EOF
venv/bin/python ask.py
