import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { PageSpool } from "./page-spool.ts";

const folder = useTemporaryFolder("page-spool");

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function writePage(spool: PageSpool, lines: readonly string[]): void {
  for (const line of lines) {
    spool.write(bytes(line));
    spool.endLine();
  }
}

function readLines(spool: PageSpool): string[] {
  return spool.files.flatMap((file) => readFileSync(file, "utf8").split("\n").slice(0, -1));
}

test("a page goes on in another file when one is full, and no line is in two", () => {
  using spool = new PageSpool(join(folder(), "spool"), { least: 10, most: 10 });
  writePage(spool, ["first", "second", "third", "4"]);
  spool.keepPage();
  spool.end();
  expect(spool.files.map((file) => readFileSync(file, "utf8"))).toEqual(["first\nsecond\n", "third\n4\n"]);
});

test("files grow while they become many, up to a bound", () => {
  using spool = new PageSpool(join(folder(), "many"), { least: 2, most: 4 });
  for (let line = 0; line < 3_000; line += 1) writePage(spool, ["x"]);
  spool.keepPage();
  spool.end();
  const sizes = spool.files.map((file) => readFileSync(file).length);
  expect(sizes.slice(0, 500).every((size) => size === 2)).toBe(true);
  expect(sizes.slice(500).every((size) => size === 4)).toBe(true);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(6_000);
});

test("what is taken back is in no file, wherever pages and files end", () => {
  let number = 0;
  const page = fc.record({
    lines: fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 9 }), { maxLength: 8 }),
    end: fc.constantFrom("keep", "discard", "discardUnit", "beginUnit", "beginFile"),
  });
  fc.assert(
    fc.property(fc.array(page, { maxLength: 20 }), (pages) => {
      const place = join(folder(), String((number += 1)));
      using spool = new PageSpool(place, { least: 16, most: 16 });
      let kept: string[] = [];
      let unit = { place: spool.place, lines: 0 };
      for (const { lines, end } of pages) {
        writePage(spool, lines);
        if (end === "discard") spool.discardPage();
        else {
          spool.keepPage();
          kept = [...kept, ...lines];
        }
        if (end === "beginUnit") unit = { place: spool.place, lines: kept.length };
        if (end === "discardUnit") {
          spool.discardTo(unit.place);
          kept = kept.slice(0, unit.lines);
          unit = { place: spool.place, lines: kept.length };
        }
        if (end === "beginFile") {
          spool.beginFile("more-");
          unit = { place: spool.place, lines: kept.length };
        }
      }
      spool.end();
      expect(readLines(spool)).toEqual(kept);
      const left = spool.files.length === 0 ? [] : readdirSync(place);
      expect(left.length).toBe(spool.files.length);
    }),
    { numRuns: 100 },
  );
});
