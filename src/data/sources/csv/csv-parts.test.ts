import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { joinScans, scanInParts } from "./csv-parts.ts";
import { type CsvScanRequest, scanCsv } from "./csv-scan.ts";

const folder = useTemporaryFolder("csv-parts");

async function write(text: string): Promise<CsvScanRequest> {
  const file = join(folder(), "a.csv");
  await writeFile(file, text);
  const head = { file, delimiter: ",", quote: '"', skip: 0, fields: ["a", "b"], hasHeader: true };
  return { head, names: ["a", "b"], nullValues: ["NA"] };
}

test("what parts say of a file is what the whole says, or nothing", async () => {
  const pieces = fc.constantFrom(
    "1,2",
    "\n",
    "\n3,true",
    "\r\n",
    "\r\n-4.5,NA",
    '\n"5","x\ny"',
    '\n"a ""b""\n",',
    '\n\uFEFF1,"2"',
    '"',
    ",",
    "7",
  );
  const texts = fc.array(pieces, { minLength: 1, maxLength: 10 }).map((parts) => `a,b\n0,1${parts.join("")}`);
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(), async (text, at) => {
      const request = await write(text);
      const bytes = Buffer.from(text);
      const cuts = [...bytes.keys()].filter((index) => bytes[index] === 10 && index + 1 < bytes.length);
      const cut = (cuts[at % cuts.length] ?? 0) + 1;
      const [whole, ...parts] = await Promise.allSettled([
        scanCsv(request),
        scanCsv({ ...request, range: { from: 0, to: cut } }),
        scanCsv({ ...request, range: { from: cut, to: bytes.length } }),
      ]);
      const sound = parts.flatMap((part) => (part.status === "fulfilled" ? [part.value] : []));
      const joined = sound.length === parts.length ? joinScans(sound) : undefined;
      if (joined !== undefined) expect(whole).toEqual({ status: "fulfilled", value: joined });
    }),
    { numRuns: 300 },
  );
});

test("threads scan the parts of a file, and leave to one reader what is wrong with it", async () => {
  const rows = Array.from({ length: 2000 }, (_, index) => `${index},"note, ${index}"\n`).join("");
  const sound = await write(`a,b\n${rows}`);
  const found = await scanInParts(sound, 8000, 3);
  expect(found).toEqual(await scanCsv(sound));
  expect(found).toMatchObject({ rows: 2000, hasQuotes: true });
  expect(await scanInParts(await write(`a,b\n${rows}1,2,3\n`), 8000, 3)).toBeUndefined();
  expect(await scanInParts(await write(`a,b\n1,"${rows.replaceAll('"', '""')}"\n`), 8000, 3)).toBeUndefined();
  expect(await scanInParts(sound, 8000, 1)).toBeUndefined();
});
