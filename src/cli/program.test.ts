// The program answers a wrong option itself, before any command is loaded.
import { expect, test } from "vitest";
import { createCommandContext } from "./command-context.ts";
import { createProgram } from "./program.ts";

const context = createCommandContext(".");
// `exec` takes whatever it is given as params.
const verbs = createProgram(
  () => context,
  () => {},
)
  .commands.map((command) => command.name())
  .filter((name) => name !== "exec");

test.each(verbs)("a wrong option of a command is answered with where its options are: %s", async (verb) => {
  const program = createProgram(
    () => context,
    () => {},
  );
  let said = "";
  program.commands
    .find((command) => command.name() === verb)
    ?.configureOutput({
      writeErr: (text) => {
        said += text;
      },
    });
  await expect(program.parseAsync([verb, "--nonsense"], { from: "user" })).rejects.toThrow("error:");
  expect(said).toContain(`run \`millrace ${verb} --help\` for what it takes`);
});
