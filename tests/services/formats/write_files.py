"""Writes files with other people's libraries, and beside them what is in them, as the SQL engine shows it.

Usage: write_files.py <folder>. `expected.json` there lists the files with the texts of their rows.
"""

import datetime
import decimal
import json
import os
import sys
import uuid
import zipfile

import fastavro
import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

folder = sys.argv[1]
expected = []
refused = []


def path(name):
    return os.path.join(folder, name)


def keep(name, rows, options=None):
    expected.append({"file": name, "rows": rows, "options": options or {}})


D = decimal.Decimal
UTC = datetime.timezone.utc
ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")

# Arrow: every type that a table can hold, with a null in each column
arrow_columns = [
    ("i8", pa.int8(), [-128, None, 127], ["-128", None, "127"]),
    ("u64", pa.uint64(), [2**64 - 1, None, 0], ["18446744073709551615", None, "0"]),
    ("i64", pa.int64(), [2**53 + 1, None, -(2**63)], ["9007199254740993", None, "-9223372036854775808"]),
    ("f16", pa.float16(), [1.5, None, -2.0], ["1.5", None, "-2.0"]),
    ("f32", pa.float32(), [0.1, None, 1e30], ["0.1", None, "1e+30"]),
    ("f64", pa.float64(), [0.1, None, -0.0], ["0.1", None, "-0.0"]),
    ("flag", pa.bool_(), [True, None, False], ["true", None, "false"]),
    ("d128", pa.decimal128(38, 10), [D("12345678901234567890.1234567891"), None, D("-0.0000000001")],
     ["12345678901234567890.1234567891", None, "-0.0000000001"]),
    ("d256", pa.decimal256(50, 2), [D("1.50"), None, D("-123456789012345678901234567890123456789012345678.91")],
     ["1.50", None, "-123456789012345678901234567890123456789012345678.91"]),
    ("d256s", pa.decimal256(20, 3), [D("1.500"), None, D("-7")], ["1.500", None, "-7.000"]),
    ("day", pa.date32(), [datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)], ["2024-02-29", None, "0001-01-01"]),
    ("ms", pa.timestamp("ms"), [1700000000123, None, -1], ["2023-11-14 22:13:20.123", None, "1969-12-31 23:59:59.999"]),
    ("us", pa.timestamp("us", "UTC"), [1700000000123456, None, -1],
     ["2023-11-14 22:13:20.123456+00", None, "1969-12-31 23:59:59.999999+00"]),
    ("ns", pa.timestamp("ns"), [1700000000123456789, None, -1],
     ["2023-11-14 22:13:20.123456789", None, "1969-12-31 23:59:59.999999999"]),
    ("t32", pa.time32("ms"), [86399999, None, 0], ["23:59:59.999", None, "00:00:00"]),
    ("t64", pa.time64("us"), [86399999999, None, 0], ["23:59:59.999999", None, "00:00:00"]),
    ("dur", pa.duration("ns"), [2**60 + 1, None, -1], ["1152921504606846977", None, "-1"]),
    ("text", pa.string(), ["é\n", None, ""], ["é\n", None, ""]),
    ("large", pa.large_string(), ["a", None, "b" * 50], ["a", None, "b" * 50]),
    ("view", pa.string_view(), ["short", None, "longer than twelve bytes"], ["short", None, "longer than twelve bytes"]),
    ("raw", pa.binary(), [b"\x00\xff", None, b""], ["\\x00\\xFF", None, ""]),
    ("fixed", pa.binary(2), [b"ab", None, b"cd"], ["ab", None, "cd"]),
    ("list", pa.list_(pa.int64()), [[1, None, 2**53 + 1], None, []], ["[1, NULL, 9007199254740993]", None, "[]"]),
    ("pair", pa.list_(pa.int32(), 2), [[1, 2], None, [3, 4]], ["[1, 2]", None, "[3, 4]"]),
    ("struct", pa.struct([("a", pa.decimal128(10, 2)), ("b", pa.list_(pa.string()))]),
     [{"a": D("1.50"), "b": ["x"]}, None, {"a": None, "b": None}], ["{'a': 1.50, 'b': [x]}", None, "{'a': NULL, 'b': NULL}"]),
    ("map", pa.map_(pa.string(), pa.int64()), [[("k", 1)], None, []], ["{k=1}", None, "{}"]),
    ("none", pa.null(), [None, None, None], [None, None, None]),
]
arrays = [pa.array(values, type_) for _, type_, values, _ in arrow_columns]
names = [name for name, *_ in arrow_columns]
table = pa.table(arrays, names=names)
table = table.append_column("dict", pa.array(["x", None, "y"]).dictionary_encode())
names.append("dict")
texts = [column[3] for column in arrow_columns] + [["x", None, "y"]]
arrow_rows = [dict(zip(names, row)) for row in zip(*texts)]


def write_stream(name, what, batches, options=None):
    with pa.OSFile(path(name), "wb") as sink, pa.ipc.new_stream(sink, what.schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)


def write_file(name, what, options=None):
    with pa.OSFile(path(name), "wb") as sink, pa.ipc.new_file(sink, what.schema, options=options) as writer:
        writer.write_table(what, max_chunksize=2)


# the package cannot read views that are packed
plain = table.drop_columns(["view"])
plain_rows = [{name: text for name, text in row.items() if name != "view"} for row in arrow_rows]
write_stream("stream.arrows", table, table.to_batches())
keep("stream.arrows", arrow_rows)
write_file("file.arrow", table)
keep("file.arrow", arrow_rows)
for codec in ("lz4", "zstd"):
    write_file(f"{codec}.arrow", plain, pa.ipc.IpcWriteOptions(compression=codec))
    keep(f"{codec}.arrow", plain_rows)
feather.write_feather(plain, path("plain.feather"))
keep("plain.feather", plain_rows)

many = pa.table({"id": pa.array(range(100_000)), "text": pa.array([f"text {n % 97}" for n in range(100_000)])})
feather.write_feather(many, path("many.feather"), compression="lz4")
keep("many.feather", {"count": 100_000, "sum": "4999950000", "texts": 97})

# a dictionary that grows between two batches
first = pa.record_batch([pa.array(["a", "b"]).dictionary_encode()], names=["v"])
second = pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([2, 0], pa.int32()), pa.array(["a", "b", "c"]))], names=["v"])
write_stream("delta.arrows", first, [first, second], pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True))
keep("delta.arrows", [{"v": "a"}, {"v": "b"}, {"v": "c"}, {"v": "a"}])

# Avro
schema = {
    "type": "record",
    "name": "Row",
    "namespace": "a.b",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 4}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "time", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "key", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "many", "type": ["null", "int", "string", {"type": "enum", "name": "E", "symbols": ["X", "Y"]}]},
        {"name": "home", "type": ["null", {"type": "record", "name": "Home", "fields": [
            {"name": "city", "type": "string"}, {"name": "marks", "type": {"type": "map", "values": "double"}}]}]},
        {"name": "old", "type": ["null", "Home"]},
    ],
}
avro_rows = [
    {"id": 2**53 + 1, "price": D("-12345678901234567890.1234"), "at": datetime.datetime(2024, 2, 29, 1, 2, 3, 456789, UTC),
     "day": datetime.date(1969, 12, 31), "time": datetime.time(1, 2, 3, 4), "key": ID, "many": 5,
     "home": {"city": "Ulm", "marks": {"a": 0.5}}, "old": None},
    {"id": -(2**63), "price": D("0.0001"), "at": datetime.datetime(1, 1, 1, tzinfo=UTC), "day": datetime.date(2024, 1, 1),
     "time": datetime.time(0), "key": ID, "many": "text", "home": None, "old": {"city": "", "marks": {}}},
]
avro_texts = [
    {"id": "9007199254740993", "price": "-12345678901234567890.1234", "at": "2024-02-29 01:02:03.456789+00", "day": "1969-12-31",
     "time": "01:02:03.000004", "key": str(ID), "many": "5", "home": "{'city': Ulm, 'marks': {a=0.5}}", "old": None},
    {"id": "-9223372036854775808", "price": "0.0001", "at": "0001-01-01 00:00:00+00", "day": "2024-01-01", "time": "00:00:00",
     "key": str(ID), "many": "text", "home": None, "old": "{'city': '', 'marks': {}}"},
]
for codec in ("null", "deflate", "snappy", "zstandard"):
    with open(path(f"{codec}.avro"), "wb") as out:
        fastavro.writer(out, schema, avro_rows, codec=codec)
    keep(f"{codec}.avro", avro_texts)
    with open(path(f"{codec}-many.avro"), "wb") as out:
        many_schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}, {"name": "text", "type": "string"}]}
        fastavro.writer(out, many_schema, [{"id": n, "text": f"text {n % 97} text"} for n in range(20_000)], codec=codec)
    keep(f"{codec}-many.avro", {"count": 20_000, "sum": "199990000", "texts": 97})

# Spreadsheets
sheet_rows = [
    {"id": "1", "name": "00123", "day": "2024-02-29", "at": "2024-02-29 12:30:01", "price": "0.1", "ok": "true", "sum": "3.0"},
    {"id": "2", "name": " a\nb ", "day": "1900-03-01", "at": "1999-12-31 23:59:59.999", "price": "-1234.5", "ok": "false", "sum": "3.5"},
]


def fill(cell, write_formula):
    for column, name in enumerate(sheet_rows[0]):
        cell(0, column, name)
    for row, values in enumerate([
        [1, "00123", datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 30, 1), 0.1, True],
        [2, " a\nb ", datetime.date(1900, 3, 1), datetime.datetime(1999, 12, 31, 23, 59, 59, 999000), -1234.5, False],
    ]):
        for column, value in enumerate(values):
            cell(row + 1, column, value)
        write_formula(row + 1, 6, 3 + row / 2)


book = xlsxwriter.Workbook(path("xlsxwriter.xlsx"))
sheet = book.add_worksheet("Data")
day, at = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})


def write_cell(row, column, value):
    if isinstance(value, datetime.datetime):
        sheet.write_datetime(row, column, value, at)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write(row, column, value)


fill(write_cell, lambda row, column, value: sheet.write_formula(row, column, "=1+2", None, value))
book.close()
keep("xlsxwriter.xlsx", sheet_rows)

for is_1904 in (False, True):
    book = openpyxl.Workbook()
    if is_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    rows = [{**sheet_rows[0], "sum": "3"}] if is_1904 else sheet_rows
    fill(lambda row, column, value: sheet.cell(row + 1, column + 1, value), lambda row, column, value: sheet.cell(row + 1, column + 1, value))
    if is_1904:
        sheet.delete_rows(3)
    name = "openpyxl-1904.xlsx" if is_1904 else "openpyxl.xlsx"
    book.save(path(name))
    keep(name, rows)

book = openpyxl.Workbook()
book.active.append(["id"])
book.active.append(["=1+2"])
book.save(path("uncomputed.xlsx"))
refused.append({"file": "uncomputed.xlsx", "problem": "cell A2 holds a formula without a result"})

document = OpenDocumentSpreadsheet()
data = Table(name="Data")
document.spreadsheet.addElement(data)


def add_row(cells):
    row = TableRow()
    data.addElement(row)
    for attributes, text in cells:
        cell = TableCell(**attributes)
        row.addElement(cell)
        if text is not None:
            cell.addElement(P(text=text))


add_row([({"valuetype": "string"}, name) for name in ("id", "name", "day", "at", "lasts", "ok")])
add_row([
    ({"valuetype": "float", "value": "1.5"}, "1,50"),
    ({"valuetype": "string"}, "00123"),
    ({"valuetype": "date", "datevalue": "2024-02-29"}, "29.02.24"),
    ({"valuetype": "date", "datevalue": "2024-02-29T12:30:01.5"}, "x"),
    ({"valuetype": "time", "timevalue": "PT36H00M00S"}, "36:00"),
    ({"valuetype": "boolean", "booleanvalue": "true"}, "WAHR"),
])
document.save(path("odfpy.ods"))
keep("odfpy.ods", [{"id": "1.5", "name": "00123", "day": "2024-02-29", "at": "2024-02-29 12:30:01.5", "lasts": "36:00:00", "ok": "true"}],
     {"spreadsheet": {"columns": {"lasts": "duration"}}})

# Archives
with zipfile.ZipFile(path("many.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
    for number in range(50):
        archive.writestr(f"in/{number:03}.csv", f"id,text\n{number},text {number % 7}\n")
keep("many.zip", {"count": 50, "sum": "1225", "texts": 7})
with zipfile.ZipFile(path("lzma.zip"), "w", zipfile.ZIP_LZMA) as archive:
    archive.writestr("a.csv", "id\n1\n")
refused.append({"file": "lzma.zip", "problem": "packed by method 14"})

# Parquet that the engine reads wrongly, or not at all
pq.write_table(pa.table({"v": pa.array([D("1.50")], pa.decimal256(39, 2))}), path("wide.parquet"))
refused.append({"file": "wide.parquet", "problem": "has decimals of 39 digits"})
pq.write_table(pa.table({"v": [D("1.50")]}), path("narrow.parquet"))
keep("narrow.parquet", [{"v": "1.50"}])

with open(path("expected.json"), "w") as out:
    json.dump({"read": expected, "refused": refused}, out)
