import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { readFiles } from "../read-files.ts";
import type { SourceRows } from "../source-rows.ts";
import type { XmlOptions } from "./options.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("xml");
const table = { columns: () => Promise.resolve(undefined), isVerbatim: true };

async function open(options: XmlOptions, ...files: readonly (string | Uint8Array)[]): Promise<SourceRows> {
  const named = files.map((_, index) => join(folder(), `${index}.xml`)).map((path) => ({ path, name: path }));
  for (const [index, text] of files.entries()) await writeFile(named[index]?.path ?? "", text);
  const reading = { options: { xml: options }, table, spool: join(folder(), "spool"), root: folder() };
  return await readFiles(session(), named, reading);
}

async function read(options: XmlOptions, ...files: readonly (string | Uint8Array)[]): Promise<unknown> {
  const { sql = "select 1 limit 0" } = await open(options, ...files);
  return await session().query(sql);
}

async function refuse(text: string | Uint8Array, options: XmlOptions = {}): Promise<string> {
  const error = await expectFailure(open(options, text));
  expect(error.code).toBe("SOURCE_UNREADABLE");
  return error.message.replaceAll(join(folder(), "/"), "");
}

test("every value is the text that was written, joined over entities and CDATA", async () => {
  const text = `<?xml version="1.0"?><!-- x --><orders>
    <order id="00123" note="a&#10;b"><total currency="EUR">9007199254740993</total><who> A&amp;B &#233;<![CDATA[<i>]]> </who><empty/></order>
    <order id="2"><total>1.10</total><who>c</who><flag>true</flag></order></orders>`;
  expect(await read({}, text)).toEqual([
    {
      "@id": "00123",
      "@note": "a\nb",
      total: "9007199254740993",
      "total@currency": "EUR",
      who: " A&B é<i> ",
      empty: null,
      flag: null,
    },
    { "@id": "2", "@note": null, total: "1.10", "total@currency": null, who: "c", empty: null, flag: "true" },
  ]);
});

test("rows are where the path says, and elements in them are objects and lists", async () => {
  const text = `<a><head><row>no</row></head><body><part><row><home><city>Ulm</city></home><tag n="1">x</tag><tag>y</tag></row></part>
    <part><row><tag>z</tag></row></part></body></a>`;
  expect(await read({ rows: "a.body.*.row", lists: ["tag"] }, text)).toEqual([
    { home: { city: "Ulm" }, tag: ["x", "y"], "tag@n": ["1", null] },
    { home: null, tag: ["z"], "tag@n": null },
  ]);
  expect(await refuse(text, { rows: "a.body.*.row" })).toContain('elements come more than once in a row: "tag"');
  expect(await refuse(text, { rows: "a.boddy.row" })).toContain(
    "expected the elements `a.boddy.row` to be there, and the root of the document is `a`",
  );
  expect(await read({ rows: "a.head.none" }, text)).toEqual([]);
});

test("names go by their namespace, whichever prefix a file has, and nil is no value", async () => {
  const ns = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  const first = `<d:a xmlns:d="urn:d" ${ns}><d:r d:k="1"><d:v>1x</d:v><o xsi:nil="true"/></d:r></d:a>`;
  const second = `<a xmlns="urn:d"><r><v>2x</v></r></a>`;
  expect(await read({ rows: "m:a.m:r", namespaces: { m: "urn:d" } }, first, second)).toEqual([
    { "@m:k": "1", "m:v": "1x", o: null },
    { "@m:k": null, "m:v": "2x", o: null },
  ]);
});

test("a document is read in the encoding that it says", async () => {
  const text = '<?xml version="1.0" encoding="windows-1252"?><a><r><v>€é</v></r></a>';
  const bytes = Buffer.concat([
    Buffer.from(text.replace("€é</v></r></a>", "")),
    Buffer.from([0x80, 0xe9]),
    Buffer.from("</v></r></a>"),
  ]);
  expect(await read({}, bytes)).toEqual([{ v: "€é" }]);
  expect(await read({}, Buffer.from("\uFEFF<a><r><v>é</v></r></a>", "utf16le").swap16())).toEqual([{ v: "é" }]);
  expect(await refuse(Buffer.from("<a><r><v>é</v></r></a>", "latin1"))).toContain("no text in utf-8");
  expect(await refuse('<?xml version="1.0" encoding="ebcdic"?><a/>')).toContain(
    "its encoding is `ebcdic`, which is not known",
  );
});

test.each([
  ["that was cut", "<a><r><v>1</v></r><r><v>2", "unclosed tag"],
  ["that was cut behind a row", "<a><r><v>1</v></r>", "unclosed tag: a"],
  ["with a wrong end", "<a><r><v>1</w></r></a>", "unexpected close tag"],
  ["with two roots", "<a><r/></a><b/>", "documents may contain only one root"],
  [
    "with an entity of its own",
    '<!DOCTYPE a [<!ENTITY e "x">]><a><r><v>&e;</v></r></a>',
    "the document declares entities",
  ],
  ["with an entity that nobody knows", "<a><r><v>&e;</v></r></a>", "undefined entity"],
  [
    "with text beside elements",
    "<a><r><v>x<b>y</b></v></r></a>",
    "element `v` has text and elements beside each other",
  ],
  ["that is none", "id,name\n1,2\n", "text data outside of root node"],
  ["with an attribute twice", '<a><r x="1" x="2"/></a>', "duplicate attribute"],
])("a document %s is refused with file and line", async (_, text, problem) => {
  expect(await refuse(text)).toMatch(/^reading `0.xml` line \d+: /);
  expect(await refuse(text)).toContain(problem);
});

test("a file without anything is a delivery without rows, and so is a root alone", async () => {
  expect((await open({}, "")).sql).toBeUndefined();
  expect((await open({}, "<a/>")).rowCount).toBe(0);
});

test("each row of several documents knows its own, and what only some of them have is told", async () => {
  const opened = await open({}, "<a><r><v>x</v></r><r/></a>", "<a/>", "<a><r><v>y</v><w>1</w></r></a>");
  const told = (await session().query(opened.telling?.("_file") ?? "")).map((row) =>
    Object.values(row).join().replace(join(folder(), "/"), ""),
  );
  expect(told).toEqual(["x,,0.xml", ",,0.xml", "y,1,2.xml"]);
  expect(opened.warnings).toEqual(["field `w` is on 1 of 2 files, first on file 2"]);
  expect((await open({}, "<a><r/></a>", "<a><r/></a>")).sql).toBeUndefined();
});
