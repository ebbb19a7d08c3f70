// The help of every command: what people read first and scripts are written from.
import { test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { expectGolden } from "../support/gates/golden.ts";

test("help", async () => {
  const program = createProgram(
    () => {
      throw new Error("help needs no project");
    },
    () => undefined,
  );
  const commands = [program, ...program.commands];
  const pages = commands.map((command) => command.configureHelp({ helpWidth: 100 }).helpInformation());
  await expectGolden("help", pages.join(`\n${"─".repeat(100)}\n\n`));
});
