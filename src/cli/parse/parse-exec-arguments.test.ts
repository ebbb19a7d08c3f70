import fc from "fast-check";
import { expect, test } from "vitest";
import { fitParams } from "./fit-params.ts";
import { parseExecArguments } from "./parse-exec-arguments.ts";

test("params come as `--name value`, `--name=value` and flags, in any order", () => {
  const args = [
    "--start_date",
    "2024-01-01",
    "--module_name=jobs/a.ts",
    "--full",
    "--days",
    "-3",
    "--load",
    '{"a":[1]}',
  ];
  const { params, ...rest } = parseExecArguments([...args, "--note=--x", "--empty="]);
  expect({ ...rest, params: fitParams(params, []) }).toEqual({
    target: { moduleName: "jobs/a.ts" },
    config: undefined,
    params: { start_date: "2024-01-01", full: true, days: -3, load: { a: [1] }, note: "--x", empty: "" },
  });
});

test("the configuration file and its checksum are no params", () => {
  const args = ["--module_name", "a", "--config_uri", "file:///c.json", "--config_sha256", "ab"];
  expect(parseExecArguments(args)).toEqual({
    target: { moduleName: "a" },
    config: { uri: "file:///c.json", sha256: "ab" },
    params: { json: {}, texts: new Map() },
  });
});

test("a job takes the place of the module", () => {
  expect(parseExecArguments(["--days", "3"], "load")).toMatchObject({ target: { job: "load" } });
});

test.each([
  [[], "expected `--module_name` to be given"],
  [["--module_name"], "expected a value after `--module_name`"],
  [["--module_name="], "expected a value after `--module_name`"],
  [["--module_name", "a", "stray"], "expected `--name value`, got: `stray`"],
  [["-m", "a"], "expected `--name value`, got: `-m`"],
  [["--module_name", "a", "--"], "expected `--name value`, got: `--`"],
  [["--module_name", "a", "--b", "1", "--b=2"], "`--b` is given twice"],
  [["--module_name", "a", "--module_name", "a"], "`--module_name` is given twice"],
  [["--module_name", "a", "--config_sha256", "ab"], "expected `--config_uri` together with `--config_sha256`"],
])("%o is refused", (args, message) => {
  expect(() => parseExecArguments(args)).toThrowError(message);
});

const name = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/),
    fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"),
  )
  .filter((text) => !["module_name", "config_uri", "config_sha256"].includes(text));
const value = fc.oneof(
  fc.jsonValue({ noUnicodeString: false }).filter((json) => !/\d{16}/.test(JSON.stringify(json))),
  fc.stringMatching(/^[a-z ]{1,8}$/),
  fc.constantFrom("2024-01-01", "007", "-", "", "9007199254740993"),
);

test("every param is handed over with its name and value, as own properties and nothing else", () => {
  const params = fc.uniqueArray(fc.tuple(name, value, fc.boolean()), { selector: ([key]) => key, maxLength: 8 });
  fc.assert(
    fc.property(params, fc.nat(8), (given, position) => {
      const words = given.map(([key, item, joined]) => {
        const text = typeof item === "string" && !isJson(item) ? item : JSON.stringify(item);
        return joined ? [`--${key}=${text}`] : [`--${key}`, text];
      });
      const args = words.toSpliced(Math.min(position, words.length), 0, ["--module_name", "jobs/a.ts"]).flat();
      const parsed = parseExecArguments(args);
      const expected = given.map(([key, item]) => [key, item === undefined ? null : toJson(item)] as const);
      const fitted = fitParams(parsed.params, []);
      expect(Object.entries(fitted)).toEqual(Object.entries(Object.fromEntries(expected)));
      expect(Object.getPrototypeOf(fitted)).toBe(Object.prototype);
      expect(parsed.target).toEqual({ moduleName: "jobs/a.ts" });
    }),
  );
});

test("no arguments make it throw anything but a usage error", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("--module_name", "a", "--x", "--x=", "--", "-", "--=", "--config_uri"),
  );
  fc.assert(
    fc.property(fc.array(word), (args) => {
      try {
        parseExecArguments(args);
      } catch (error) {
        expect(error).toMatchObject({ code: "USAGE_INVALID" });
      }
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function toJson(item: unknown): unknown {
  return typeof item === "string" && /^\d{16,}$/.test(item) ? item : JSON.parse(JSON.stringify(item));
}
