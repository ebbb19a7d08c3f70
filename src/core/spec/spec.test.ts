// A spec with every kind of option: what it refuses and how, what it fills in, its table and its JSON Schema.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Duration } from "../duration.ts";
import { toDocsTable } from "./docs-table.ts";
import { expecting, optional } from "./option-notes.ts";
import { callback, choice, duration, integer, text, texts } from "./option-values.ts";
import { parseOptions } from "./parse-options.ts";
import { defineSpec } from "./spec.ts";
import { toOptionsSchema } from "./to-json-schema.ts";

interface Wheel {
  readonly spokes?: number;
  readonly tyre?: { readonly maker?: string };
}

interface Mill {
  readonly name: string;
  readonly interval?: Duration;
  readonly grain?: "wheat" | "rye";
  readonly stones?: number;
  readonly helpers?: readonly string[];
  readonly wheel?: Wheel | false;
  readonly gears?: readonly { readonly teeth: number }[];
  readonly sacks?: Readonly<Record<string, string | { readonly size: string }>>;
  readonly onFlour?: (kilos: number) => void;
}

const wheelSpec = defineSpec<Wheel>()(() => ({
  spokes: integer(1, 64).default(8).describe("spokes | arms"),
  tyre: z.strictObject({ maker: optional(text(), "the smith of the village").describe("who made it") }).optional(),
}));

const millSpec = defineSpec<Mill>()(() => ({
  name: text().describe("what it is called"),
  interval: duration().default("5m").describe("time between two sacks"),
  grain: choice(["wheat", "rye"]).default("wheat").describe("what it grinds"),
  stones: optional(integer(1), "all there are").describe("stones"),
  helpers: optional(texts()).describe("who helps"),
  wheel: optional(z.union([wheelSpec.schema, z.literal(false)])).describe("what turns it"),
  gears: optional(z.array(z.strictObject({ teeth: integer(3) })).readonly()).describe("in order"),
  sacks: optional(
    z.record(z.string(), z.union([text("a size"), z.strictObject({ size: text("a size") })])).readonly(),
  ).describe("by name"),
  onFlour: optional(callback<NonNullable<Mill["onFlour"]>>()).describe("called for each sack"),
}));

const where = "mill `old`";

describe("options of a spec", () => {
  test("get their defaults, and what is undefined is left out", () => {
    expect(parseOptions(millSpec, { name: "old", stones: undefined }, where)).toStrictEqual({
      name: "old",
      interval: "5m",
      grain: "wheat",
    });
    expect(parseOptions(millSpec, { name: "old", wheel: {}, sacks: { a: "big", b: { size: "2" } } }, where)).toEqual(
      expect.objectContaining({ wheel: { spokes: 8 }, sacks: { a: "big", b: { size: "2" } } }),
    );
  });

  test.each<[unknown, string]>([
    [{ nam: "old" }, "unknown option `nam` of mill `old`, did you mean `name`?"],
    [{ intervl: "5m" }, "unknown option `intervl` of mill `old`, did you mean `interval`?"],
    [{ stones: -1 }, "expected `stones` of mill `old` to be a positive integer, got: `-1`"],
    [{ stones: 1.5 }, "expected `stones` of mill `old` to be a positive integer, got: `1.5`"],
    [{ stones: Number.NaN }, "expected `stones` of mill `old` to be a positive integer, got: `NaN`"],
    [{ name: undefined }, "expected `name` of mill `old` to be a text that is not empty, got: `undefined`"],
    [{ name: "" }, "expected `name` of mill `old` to be a text that is not empty, got: ``"],
    [{ interval: "soon" }, "expected `interval` of mill `old` to be a duration such as `30s` or `1h30m`, got: `soon`"],
    [{ interval: 5 }, "to be a duration such as `30s` or `1h30m`, got: `5`"],
    [{ grain: "ry" }, "to be one of `wheat`, `rye`, got: `ry`, did you mean `rye`?"],
    [{ helpers: "a" }, "expected `helpers` of mill `old` to be a list of one or more names, got: `a`"],
    [{ helpers: [] }, "expected `helpers` of mill `old` to be a list of one or more names, got: `[]`"],
    [{ helpers: ["a", 1] }, "expected `helpers[1]` of mill `old` to be a text that is not empty, got: `1`"],
    [{ wheel: { spoke: 3 } }, "unknown option `spoke` of `wheel` of mill `old`, did you mean `spokes`?"],
    [{ wheel: { spokes: 0 } }, "expected `spokes` of `wheel` of mill `old` to be an integer from 1 to 64, got: `0`"],
    [{ wheel: { tyre: { make: "" } } }, "unknown option `make` of `wheel.tyre` of mill `old`, did you mean `maker`?"],
    [{ wheel: true }, "expected `wheel` of mill `old` to be an object, or `false`, got: `true`"],
    [{ gears: [{ teeth: 3 }, { tooth: 3 }] }, "unknown option `tooth` of `gears[1]` of mill `old`"],
    [{ gears: [{ teeth: 3 }, {}] }, "expected `teeth` of `gears[1]` of mill `old` to be an integer of at least 3"],
    [{ sacks: { a: { siz: "1" } } }, "unknown option `siz` of `sacks.a` of mill `old`, did you mean `size`?"],
    [{ sacks: { a: 1 } }, "expected `a` of `sacks` of mill `old` to be a size, or an object, got: `1`"],
    [{ onFlour: "run" }, "expected `onFlour` of mill `old` to be a function, got: `run`"],
    [{ onFlour: { a: "x".repeat(300) } }, "…`"],
  ])("are refused by name: %j", (wrong, message) => {
    const refuse = (): unknown => parseOptions(millSpec, { name: "old", ...(wrong as object) }, where);
    expect(refuse).toThrow(expect.objectContaining({ code: "JOB_INVALID", message: expect.stringContaining(message) }));
  });

  test.each([[undefined], [null], ["old"], [["old"]]])("that are no object are refused: %j", (wrong) => {
    expect(() => parseOptions(millSpec, wrong, where, "CONFIG_INVALID")).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("expected mill `old` to be an object"),
      }),
    );
  });

  test("stay in the order in which they were written", () => {
    const written = { wheel: { tyre: {}, spokes: 3 }, stones: 2, name: "old" };
    const options = parseOptions(millSpec, written, where);
    expect(Object.keys(options)).toEqual(["wheel", "stones", "name", "interval", "grain"]);
    expect(Object.keys(options.wheel as object)).toEqual(["tyre", "spokes"]);
  });

  test("are told by their unknown names before others are missed", () => {
    expect(() => parseOptions(millSpec, { nam: "old" }, "a mill")).toThrow("unknown option `nam` of a mill");
  });

  test("are refused with the path to them and the ones that are known", () => {
    expect(() => parseOptions(millSpec, { name: "old", wheel: { spoke: 3 } }, where)).toThrow(
      expect.objectContaining({ hint: "known options: spokes, tyre", details: { option: ["wheel", "spoke"] } }),
    );
  });
});

test("the table has a row for each option, with those of objects without a spec of their own", () => {
  expect(toDocsTable(wheelSpec)).toBe(
    [
      "| option | type | default | meaning |",
      "| --- | --- | --- | --- |",
      String.raw`| \`spokes\` | an integer from 1 to 64 | \`8\` | spokes \| arms |`.replaceAll("\\`", "`"),
      "| `tyre.maker` | a text that is not empty | the smith of the village | who made it |",
    ].join("\n"),
  );
  expect(toDocsTable(millSpec)).toContain("| `name` | a text that is not empty | required | what it is called |");
  expect(toDocsTable(millSpec, wheelSpec)).toBe(toDocsTable(millSpec));
  expect(toDocsTable(wheelSpec, wheelSpec).split("\n")).toHaveLength(2);
  expect(toDocsTable(millSpec)).toContain("| `wheel` | an object, or `false` | none | what turns it |");
});

test("the JSON Schema has descriptions and defaults, and no functions", () => {
  const schema = toOptionsSchema(millSpec.schema) as { properties: Record<string, unknown>; required: string[] };
  expect(schema.required).toEqual(["name"]);
  expect(Object.keys(schema.properties)).not.toContain("onFlour");
  expect(schema.properties["interval"]).toMatchObject({
    type: "string",
    default: "5m",
    description: "time between two sacks",
  });
});

test("the compiler compares a spec with the type of its options", () => {
  // @ts-expect-error -- the type has an option that the spec lacks
  defineSpec<Wheel>()(() => ({ spokes: integer(1).optional() }));
  // @ts-expect-error -- the spec has an option that the type lacks
  defineSpec<{ a?: string }>()(() => ({ a: optional(text()), b: optional(text()) }));
  // @ts-expect-error -- the spec allows less than the type
  defineSpec<{ a?: "x" | "y" }>()(() => ({ a: optional(choice(["x"])) }));
  // @ts-expect-error -- the spec allows more than the type
  defineSpec<{ a?: "x" }>()(() => ({ a: optional(choice(["x", "y"])) }));
  // @ts-expect-error -- the option is needed by the type alone
  defineSpec<{ a: string }>()(() => ({ a: optional(text()) }));
  expect(expecting("a size", z.string()).parse("1")).toBe("1");
});
