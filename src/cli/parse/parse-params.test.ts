import fc from "fast-check";
import { expect, test } from "vitest";
import { parseParams, parseParamValue } from "./parse-params.ts";

test.each([
  ["3", 3],
  ["true", true],
  ["null", null],
  ['{"a":[1]}', { a: [1] }],
  ["2024-01-01", "2024-01-01"],
  ["007", "007"],
  ["plain words", "plain words"],
  ["9007199254740993", "9007199254740993"],
  ['{"id":[9007199254740993,1]}', { id: ["9007199254740993", 1] }],
  ["1e999", "1e999"],
  ["", ""],
])("`%s` is read as %o", (text, value) => {
  expect(parseParamValue(text)).toEqual(value);
});

test("what was typed stays text, and names are only names", () => {
  const { json, texts } = parseParams(["day=2", "__proto__=x", "a=b=c"], '{"day":1,"rest":true}');
  expect(json).toEqual({ day: 1, rest: true });
  expect([...texts]).toEqual([
    ["day", "2"],
    ["__proto__", "x"],
    ["a", "b=c"],
  ]);
});

test.each([
  [["novalue"], undefined, "expected `--param name=value`, got: `novalue`"],
  [["=x"], undefined, "expected `--param name=value`, got: `=x`"],
  [["a=1", "a=2"], undefined, "param `a` is given twice"],
  [[], "[1]", "expected `--params` to be a JSON object, got: `[1]`"],
  [[], "{broken", "expected `--params` to be a JSON object, got: `{broken`"],
])("%o with %s is refused", (pairs, json, message) => {
  expect(() => parseParams(pairs, json)).toThrowError(message);
});

test("any JSON value survives being given as text", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\d{16}/.test(text));
      expect(parseParamValue(text)).toEqual(JSON.parse(text));
    }),
  );
});
