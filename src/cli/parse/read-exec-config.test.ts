import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { readExecConfig } from "./read-exec-config.ts";

const root = useTemporaryFolder("exec-config");
const text = '{"start_date":"2024-01-01","id":9007199254740993,"__proto__":{"a":1}}';
const sha256 = createHash("sha256").update(text).digest("hex");

beforeAll(async () => {
  await writeFile(join(root(), "a.json"), text);
  await writeFile(join(root(), "list.json"), "[1]");
  await writeFile(join(root(), "broken.json"), '{\n  "secret": hunter2\n}');
  await writeFile(join(root(), "latin.json"), Buffer.from([0x7b, 0x22, 0xe4, 0x22, 0x7d]));
  await writeFile(join(root(), "large.json"), Buffer.alloc(10 * 1_048_576 + 1, " "));
  await mkdir(join(root(), "folder"));
});

test.each(["a.json", "./folder/../a.json", "absolute", "url"])("reads params from `%s`", async (kind) => {
  const path = join(root(), "a.json");
  const uri = kind === "absolute" ? path : kind === "url" ? pathToFileURL(path).href : kind;
  for (const sum of [undefined, sha256, sha256.toUpperCase()]) {
    const params = await readExecConfig({ root: root(), uri, sha256: sum });
    expect(Object.entries(params)).toEqual([
      ["start_date", "2024-01-01"],
      ["id", "9007199254740993"],
      ["__proto__", { a: 1 }],
    ]);
  }
});

test.each([
  ["list.json", undefined, "expected `list.json` to hold a JSON object of params"],
  ["latin.json", undefined, "latin.json: expected JSON"],
  ["large.json", undefined, "expected `large.json` to have at most 10 MiB"],
  ["folder", undefined, "`folder` is not a file"],
  ["gone.json", undefined, "cannot read `gone.json`: no such file"],
  ["file://host/a.json", undefined, "expected a `file:///path` of this machine, got: `file://host/a.json`"],
  ["a.json", "abc", "expected `--config_sha256` to be 64 hex digits, got: `abc`"],
  ["a.json", "0".repeat(64), `expected \`a.json\` to match \`--config_sha256\`, which is: \`${"0".repeat(64)}\``],
])("`%s` with the checksum %s is refused", async (uri, sum, message) => {
  const error = await expectFailure(readExecConfig({ root: root(), uri, sha256: sum }));
  expect(error).toMatchObject({ code: "USAGE_INVALID", message });
});

test("broken JSON is named by its place, without its text", async () => {
  const error = await expectFailure(readExecConfig({ root: root(), uri: "broken.json", sha256: undefined }));
  expect(error.message).toMatch(/^broken\.json(?::2:\d+)?: expected JSON$/);
  expect(error.cause).toBeUndefined();
});

test("a relative path may not leave the project", async () => {
  const error = await expectFailure(readExecConfig({ root: root(), uri: "../a.json", sha256: undefined }));
  expect(error.code).toBe("MODULE_OUTSIDE_PROJECT");
});
