#!/usr/bin/env bash
# `vacuumProtocolCheck` is a table feature of Delta for readers and writers. The protocol gives it one rule, for those who VACUUM: to look
# at the protocol before they delete; a reader has nothing to do for it, and Delta on Spark writes it into the protocol of tables. One
# would guess that a reader which knows no other feature of such a table still reads its rows. The package deltalake refuses the table
# when rows are asked for, by its query engine and by pyarrow alike, although its log and its files are those of the plainest table.
#
# Seen with deltalake 1.6.6 and pyarrow 26.0.1. The table is written with deltalake alone; a second commit changes the protocol.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1

cat >ask.py <<'EOP'
import json, sys
import pyarrow
from deltalake import DeltaTable, QueryBuilder, write_deltalake


def ask(features):
    path = f"table-{len(features)}"
    write_deltalake(path, pyarrow.table({"id": [1, 2, 3]}))
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features}
    with open(f"{path}/_delta_log/{1:020}.json", "w") as commit:
        commit.write(json.dumps({"protocol": protocol}) + "\n")
    answers = []
    for read in (
        lambda: QueryBuilder().register("t", DeltaTable(path)).execute("select * from t").read_all().num_rows,
        lambda: DeltaTable(path).to_pyarrow_table().num_rows,
    ):
        try:
            answers.append(f"{read()} rows")
        except Exception as error:
            answers.append(f"{type(error).__name__}: {' '.join(str(error).split())[:120]}")
    return answers


plain, checked = ask([]), ask(["vacuumProtocolCheck"])
print("no feature:           ", *plain, sep="\n  ")
print("vacuumProtocolCheck:  ", *checked, sep="\n  ")
sys.exit(0 if plain == ["3 rows", "3 rows"] and all("rows" not in answer for answer in checked) else 1)
EOP
venv/bin/python ask.py
