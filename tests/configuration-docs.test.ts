// docs/reference/configuration.md and docs/reference/cli.md name the variables, commands and exit codes there are, and nothing else.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEnvironment } from "../src/config.ts";
import { exitCodes } from "../src/cli/exit-codes.ts";
import { createProgram } from "../src/cli/program.ts";

const root = join(import.meta.dirname, "..");
const readDocument = (name: string): Promise<string> => readFile(join(root, "docs/reference", name), "utf8");

/** First cells of the rows below a heading. */
function firstCells(document: string, heading: string): string[] {
  const start = document.indexOf(heading);
  if (start === -1) throw new Error(`no heading \`${heading}\``);
  const section = document.slice(start + heading.length).split(/\n##? /, 1)[0] ?? "";
  const rows = [...section.matchAll(/^\| (.+?) \|/gm)].map((row) => row[1] ?? "");
  return rows.slice(2);
}

test("every variable that is read is documented, and no other", async () => {
  const read = new Set<string>();
  const variables = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get(_target, name) {
        read.add(String(name));
        return undefined;
      },
    },
  );
  readEnvironment(variables);
  const cells = firstCells(await readDocument("configuration.md"), "## Variables");
  const documented = cells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map((match) => match[1] ?? ""));
  expect(documented.toSorted()).toEqual([...read].toSorted());
});

test("every command and exit code is documented, and no other", async () => {
  const document = await readDocument("cli.md");
  const program = createProgram(
    () => {
      throw new Error("no command runs here");
    },
    () => undefined,
  );
  const documented = firstCells(document, "# The command line").map((cell) => /`(\w+)/.exec(cell)?.[1] ?? cell);
  expect(documented.toSorted()).toEqual(program.commands.map((command) => command.name()).toSorted());
  const codes = firstCells(document, "## Exit codes").map(Number);
  expect(codes.toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
});
