// Nothing that was meant for a server happens here without a word.
import { expect, test } from "vitest";
import { MillraceError } from "../core/errors/errors.ts";
import { createCommandContext } from "./command-context.ts";
import { createProgram } from "./program.ts";
import { noteWorksHere, worksHere } from "./works-here.ts";

const url = "http://127.0.0.1:4680";
const context = createCommandContext(".");
const create = (): ReturnType<typeof createProgram> =>
  createProgram(
    () => context,
    () => {},
  );
const verbs = create().commands.map((command) => command.name());
const arguments_: Readonly<Record<string, readonly string[]>> = {
  run: ["load"],
  plan: ["load"],
  completion: ["bash"],
};

test.each(verbs.filter(worksHere))("`%s` refuses a server that the command line names", async (verb) => {
  const line = ["--server", url, verb, ...(arguments_[verb] ?? [])];
  await expect(create().parseAsync(line, { from: "user" })).rejects.toMatchObject({
    code: "USAGE_INVALID",
    message: `\`${verb}\` works on this machine and its own store, and \`--server\` names another, got: \`${url}\``,
  });
});

test("`run` refuses the server of the environment, too, and names the verbs that do it there and the way to run here", () => {
  const refuse = (): unknown => noteWorksHere("run", { option: undefined, variable: url });
  expect(refuse).toThrow(MillraceError);
  expect(refuse).toThrow(
    expect.objectContaining({
      code: "USAGE_INVALID",
      hint: expect.stringMatching(/`millrace start .*`millrace watch .*`MILLRACE_SERVER= millrace run …`/) as string,
    }),
  );
});

test.each([
  ["doctor", "`doctor` works on this machine and its own store, not on the server of MILLRACE_SERVER: " + url],
  ["completion", undefined],
  ["runs", undefined],
])("with the server of the environment `%s` notes %s", (verb, note) => {
  expect(noteWorksHere(verb, { option: undefined, variable: url })).toBe(note);
});

test("without a server nothing is said", () => {
  expect(noteWorksHere("run", { option: undefined, variable: undefined })).toBeUndefined();
});
