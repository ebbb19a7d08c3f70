import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { makeZip } from "../../../tests/support/files/zip-archive.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { withFileColumn } from "./row-files.ts";
import type { FileReadingOptions } from "./file-reading-options.ts";
import { readFiles } from "./read-files.ts";
import type { SourceRows } from "./source-rows.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("packed");
const table = { columns: () => Promise.resolve(undefined), isVerbatim: true };
const csv = Buffer.from("id,name\n1,é\n2,b\n");
const rows = [
  { id: 1n, name: "é" },
  { id: 2n, name: "b" },
];

async function open(
  files: Readonly<Record<string, Uint8Array>>,
  options: FileReadingOptions = {},
): Promise<SourceRows> {
  await mkdir(folder(), { recursive: true });
  const paths = Object.keys(files).map((name) => join(folder(), name));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder(), name), bytes);
  const named = paths.map((path) => ({ path, name: path }));
  return await readFiles(session(), named, { options, table, spool: join(folder(), "spool"), root: folder() });
}

async function read(files: Readonly<Record<string, Uint8Array>>, options: FileReadingOptions = {}): Promise<unknown> {
  const { sql = "select 1 limit 0" } = await open(files, options);
  return await session().query(sql);
}

async function refuse(files: Readonly<Record<string, Uint8Array>>, options: FileReadingOptions = {}): Promise<string> {
  const error = await expectFailure(open(files, options));
  expect(error.code).toBe("SOURCE_UNREADABLE");
  return error.message.replaceAll(join(folder(), "/"), "");
}

const packed: readonly (readonly [string, Uint8Array])[] = [
  ["a.csv.gz", gzipSync(csv)],
  ["b.csv.zst", zstdCompressSync(csv)],
  ["c.csv.br", brotliCompressSync(csv)],
  ["d.csv.zz", deflateSync(csv)],
  ["e.csv.zz", deflateRawSync(csv)],
  ["f.csv.zip", makeZip([{ name: "f.csv", bytes: csv }])],
  ["g.zip.gz", gzipSync(makeZip([{ name: "in/g.csv.zst", bytes: zstdCompressSync(csv), isStored: true }]))],
];

test.each(packed)(
  "%s has its rows; one that was cut, or has more behind it, is refused by name",
  async (name, bytes) => {
    expect(await read({ [name]: bytes })).toEqual(rows);
    for (const end of [bytes.length - 1, bytes.length - 9, Math.ceil(bytes.length / 2)]) {
      expect(await refuse({ [name]: bytes.subarray(0, end) })).toContain(`unpacking \`${name}`);
    }
    if (name.includes("zip")) return;
    expect(await refuse({ [name]: Buffer.concat([bytes, Buffer.from("and more")]) })).toContain(`unpacking \`${name}`);
  },
);

test.each(packed)("bytes of another kind under the name %s are refused and never read as data", async (name) => {
  expect(await refuse({ [name]: csv })).toContain(`unpacking \`${name}\``);
});

test("an archive has the rows of all its files, and each row knows its file", async () => {
  const second = gzipSync("id,name\n3,c\n");
  const zip = makeZip([
    { name: "in/", bytes: new Uint8Array(), isStored: true },
    { name: "in/a.csv", bytes: csv },
    { name: "__MACOSX/a.csv", bytes: Buffer.from("?") },
    { name: "in/b's.csv.gz", bytes: second, isStored: true },
    { name: "README.txt", bytes: Buffer.from("hello") },
  ]);
  const opened = await open({ "day.zip": zip }, { entries: "**/*.csv*" });
  const told = await withFileColumn(session(), opened, "_file", folder());
  expect(await session().query(`select id, _file from (${told ?? ""})`)).toEqual([
    { id: 1n, _file: "day.zip/in/a.csv" },
    { id: 2n, _file: "day.zip/in/a.csv" },
    { id: 3n, _file: "day.zip/in/b's.csv.gz" },
  ]);
});

test("a file of an archive is named as the archive names it, also when it cannot be read", async () => {
  const zip = makeZip([{ name: "in/a.csv", bytes: Buffer.from('a,b\n1,"2\n') }]);
  expect(await refuse({ "day.zip": zip })).toContain("reading `day.zip/in/a.csv` line 2: ");
  const { warnings } = await open({
    "day.zip": makeZip([
      { name: "a.csv", bytes: csv },
      { name: "b.csv", bytes: Buffer.from("id\n1\n") },
    ]),
  });
  expect(warnings).toEqual([`column \`name\` is missing in \`${join(folder(), "day.zip/b.csv")}\``]);
});

test.each([
  ["encrypted", [{ name: "a.csv", bytes: csv, isEncrypted: true }], "day.zip/a.csv`: the entry is encrypted"],
  [
    "packed in another way",
    [{ name: "a.csv", bytes: csv, method: 12 }],
    "day.zip/a.csv`: the entry is packed by method 12",
  ],
  [
    "with another checksum",
    [{ name: "a.csv", bytes: csv, isStored: true, crc: 1 }],
    "day.zip/a.csv`: its checksum is not",
  ],
  ["outside of the archive", [{ name: "../a.csv", bytes: csv }], "invalid relative path: ../a.csv"],
  ["below the root", [{ name: "/etc/a.csv", bytes: csv }], "absolute path: /etc/a.csv"],
  ["that is an archive", [{ name: "a.zip", bytes: makeZip([]) }], "an archive within an archive"],
  [
    "packed by a program that nobody knows",
    [{ name: "a.csv.xz", bytes: csv }],
    "files that end with `.xz` cannot be unpacked",
  ],
])("an entry %s is refused", async (_, parts, problem) => {
  expect(await refuse({ "day.zip": makeZip(parts) })).toContain(problem);
});

test("an archive without a file that is wanted is refused, and is no empty delivery", async () => {
  expect(await refuse({ "day.zip": makeZip([]) })).toContain("unpacking `day.zip`: the archive has no file");
  const zip = makeZip([{ name: "a.txt", bytes: csv }]);
  expect(await refuse({ "day.zip": zip }, { entries: "*.csv" })).toContain("no file of the archive matches `*.csv`");
});

test("what grows beyond the limits is stopped", async () => {
  const large = Buffer.from(`id\n${Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join("")}`);
  const files = [
    { "a.csv.gz": gzipSync(large) },
    { "a.csv.br": brotliCompressSync(large) },
    { "a.zip": makeZip([{ name: "a.csv", bytes: large }]) },
    { "a.zip": makeZip([{ name: "a.csv.gz", bytes: gzipSync(large), isStored: true }]) },
  ];
  for (const file of files) {
    expect(await refuse(file, { unpack: { maxBytes: "200KB" } })).toContain(
      "more than 200000 bytes come out of the files",
    );
    expect(await refuse(file, { unpack: { maxBytes: "2MB", maxRatio: 1.5 } })).toContain(
      "more than 1.5 bytes come out for each",
    );
    expect(await read(file, { unpack: { maxBytes: "3MB" } })).toHaveLength(100_000);
  }
});

test("the packing may be said where names do not tell, or tell something else", async () => {
  expect(await read({ download: gzipSync(csv) }, { format: "csv", codec: "gzip" })).toEqual(rows);
  expect(
    await read({ download: gzipSync(brotliCompressSync(csv)) }, { format: "csv", codec: ["gzip", "brotli"] }),
  ).toEqual(rows);
  expect(await read({ "plain.csv.gz": csv }, { codec: [] })).toEqual(rows);
  expect(await refuse({ "a.csv.bz2": csv })).toContain("files that end with `.bz2` cannot be unpacked");
});

test("text in another encoding is decoded, and bytes that are none are refused", async () => {
  const swapped = Buffer.from("\uFEFFid,name\n1,é\n2,b\n", "utf16le").swap16();
  expect(await read({ "a.csv": swapped }, { encoding: "utf-16be" })).toEqual(rows);
  expect(await read({ "a.csv.gz": gzipSync(swapped) }, { encoding: "utf-16be" })).toEqual(rows);
  expect(await read({ "a.csv": Buffer.from("id,name\n1,\x80\n", "latin1") }, { encoding: "windows-1252" })).toEqual([
    { id: 1n, name: "€" },
  ]);
  expect(await read({ "a.json": Buffer.from('[{"a":"é"}]', "latin1") }, { encoding: "latin1" })).toEqual([{ a: "é" }]);
  expect(await refuse({ "a.csv": swapped.subarray(0, -1) }, { encoding: "utf-16be" })).toContain(
    "reading `a.csv`: behind byte 33 there are bytes that are no text in utf-16be",
  );
  expect(await refuse({ "a.csv": Buffer.from("a\n\x81", "latin1") }, { encoding: "shift_jis" })).toContain(
    "no text in shift_jis",
  );
});
