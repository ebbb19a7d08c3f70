import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toShellCommand } from "./to-shell-command.ts";

test("plain words stay as they are", () => {
  expect(toShellCommand(["millrace", "run", "daily", "-p", "day=2026-01-01"])).toBe(
    "millrace run daily -p day=2026-01-01",
  );
  expect(toShellCommand(["-p", "note=it's 5 o'clock"])).toBe(String.raw`-p 'note=it'\''s 5 o'\''clock'`);
});

test("a shell reads back the very words", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
        { minLength: 1 },
      ),
      (words) => {
        const read = execFileSync("sh", ["-c", `printf '%s\\0' ${toShellCommand(words)}`], { encoding: "utf8" });
        expect(read.split("\0").slice(0, -1)).toEqual(words);
      },
    ),
    { numRuns: 50 },
  );
});
