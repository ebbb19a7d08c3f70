// Lines before the rows: those that are set aside, and empty ones.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { CsvOptions } from "./options.ts";
import { csvRows } from "./relation.ts";

const folder = useTemporaryFolder("csv-lead");
const session = useEngineSession();

async function read(texts: readonly string[], options: CsvOptions): Promise<unknown[][]> {
  const paths = texts.map((_, index) => join(folder(), `${index}.csv`));
  for (const [index, path] of paths.entries()) await writeFile(path, texts[index] ?? "");
  const { sql, rowCount } = await csvRows(session(), paths, options, {
    columns: () => Promise.resolve(undefined),
    isVerbatim: true,
  });
  const rows = await session().query(`SELECT COLUMNS(*)::VARCHAR FROM (${sql ?? "SELECT 1 WHERE false"})`);
  if (sql !== undefined) expect(rows.length).toBe(rowCount);
  return rows.map((row) => Object.values(row));
}

/** In these a reader of quotes finds what it expects. */
const tidyLines = ["", "Report 2026", "a,b,c,d", '5" pipes', '"all of it"', '"ok, fine",x', 'x,"the ""big"" one"'];
const looseLines = ['"Sales" report', 'Export for, "Acme"', '"unclosed', ' "y"', '"', 'x,"', '"a""b" x,"'];
const isLoose = (line: string): boolean => looseLines.includes(line);

const leads = fc.record({
  lines: fc.array(fc.constantFrom(...tidyLines, ...looseLines), { minLength: 1, maxLength: 4 }),
  lineEnds: fc.constantFrom(["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\r\n", "\n"]),
  header: fc.boolean(),
  hasQuotes: fc.boolean(),
  mark: fc.constantFrom("", "\uFEFF"),
});

test("lines that are set aside are lines as an editor shows them, whatever quotes they have", async () => {
  await fc.assert(
    fc.asyncProperty(leads, async ({ lines, lineEnds, header, hasQuotes, mark }) => {
      const rows = [...(header ? ["id,a"] : []), hasQuotes ? '1,"x, y"' : "1,x", "2,z"];
      const text = [...lines, ...rows].map((line, index) => line + (lineEnds[index % lineEnds.length] ?? "")).join("");
      // another file with quotes does not change how the first one is read
      const texts = [
        mark + text,
        text.replace("2,z", '"2","z"').replaceAll(/^.*$/gm, (line) => (isLoose(line) ? "p" : line)),
      ];
      const reading = read(texts, { header, skipLines: lines.length });
      // the engine counts lines wrongly that end in LF and then in CRLF
      const doubtful = lineEnds.join("") === "\n\r\n" && lines.length > 1 ? 1 : -1;
      const refused = doubtful === -1 && hasQuotes ? lines.findIndex(isLoose) : doubtful;
      if (refused !== -1) {
        const error = await expectFailure(reading);
        expect(error).toMatchObject({
          code: "SOURCE_UNREADABLE",
          message: expect.stringContaining(`0.csv\` line ${refused + 1}: `),
        });
      } else {
        const found = [
          ["1", hasQuotes ? "x, y" : "x"],
          ["2", "z"],
        ];
        expect(await reading).toEqual([...found, ...found]);
      }
    }),
    { numRuns: 150 },
  );
});

test("without a header each empty line of a file with one column is a row, from the first line on", async () => {
  const lines = fc.array(fc.constantFrom("", "1", "22"), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom("\n", "\r\n", "\r"), fc.nat({ max: 2 }), async (body, end, skipLines) => {
      const aside = ["made by us", ""].slice(0, skipLines);
      const text = [...aside, ...body, "3"].map((line) => line + end).join("");
      const columns = { a: "BIGINT" };
      const found = await read([text], { header: false, columns, skipLines });
      expect(found).toEqual([...body, "3"].map((line) => [line === "" ? null : line]));
      const width = await read([text.replaceAll(/[^\r\n]+/g, "$&,$&")], { header: false, skipLines });
      expect(width.map(([a]) => a)).toEqual([...body, "3"].filter((line) => line !== ""));
    }),
    { numRuns: 60 },
  );
});

test("lines that end in several ways are read as they are, or refused where they end otherwise", async () => {
  const ends = fc.array(fc.constantFrom("\n", "\r\n", "\r"), { minLength: 3, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(ends, async (lineEnds) => {
      const rows = lineEnds.slice(1).map((_, index) => [String(index), "x"]);
      const text = [["id", "a"], ...rows].map((row, index) => `${row.join(",")}${lineEnds[index]}`).join("");
      const kinds = new Set(lineEnds);
      if (kinds.size === 1 || !kinds.has("\r")) {
        expect(await read([text], {})).toEqual(rows);
      } else {
        const line = lineEnds.findIndex((end) => end !== lineEnds[0] && (end === "\r" || lineEnds[0] === "\r")) + 1;
        const error = await expectFailure(read([text], {}));
        expect(error.message).toContain(`line ${line}: the line ends otherwise than those before`);
      }
    }),
    { numRuns: 100 },
  );
});
