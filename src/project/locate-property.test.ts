import fc from "fast-check";
import { expect, test } from "vitest";
import { locateArgument, locateProperty } from "./locate-property.ts";

test.each([
  ["a property of the exported object", "export default { slots: 0 };", ["slots"], "slots: 0"],
  ["a nested property", "export default {\n  compute: {\n    threads: 0 } };", ["compute", "threads"], "threads: 0"],
  ["the deepest part that is there", "export default { jobs: ['a', 3] };", ["jobs", 1], "jobs:"],
  ["an entry of a list", "export default { jobs: ['a', 'b'] };", ["jobs", 1], "'b'"],
  [
    "a property in an entry of a list",
    "export default { a: [{ b: [1, 2] }, { b: { c: 1 }, c: 2 }] };",
    ["a", 1, "c"],
    "c: 2",
  ],
  [
    "the outer of two properties of one name",
    "export default { config: { slots: 1 }, slots: 0 };",
    ["slots"],
    "slots: 0",
  ],
  ["a quoted key", 'export default { "slots": 0 };', ["slots"], '"slots"'],
  ["a method", "export default { notify() {} };", ["notify"], "notify()"],
  ["a shorthand property", "const slots = 0;\nexport default { slots };", ["slots"], "slots };"],
  ["a wrapped object", "export default defineProject({\n  slots: 0,\n});", ["slots"], "slots: 0"],
  ["an object that is exported by name", "const config = { slots: 0 };\nexport default config;", ["slots"], "slots: 0"],
  [
    "a key after a type of the same name",
    "type A = { slots: number };\nexport default { slots: 0 };",
    ["slots"],
    "slots: 0",
  ],
  [
    "a key after an annotation",
    "const slots: number = 1;\nexport default { lake: `${slots}`, slots: 0 };",
    ["slots"],
    "slots: 0",
  ],
  ["a key after brackets in text", "export default { lake: '{', tenant: \"[(\", slots: 0 };", ["slots"], "slots: 0"],
  [
    "a key after an empty text",
    "export default { lake: '', compute: { threads: 0 } };",
    ["compute", "threads"],
    "threads",
  ],
  ["a key after comments", "// { slots: 1\nexport default { /* slots: 2 */ slots: 0 };", ["slots"], "slots: 0"],
  ["JSON", '{\n  "compute": { "threads": 0 }\n}', ["compute", "threads"], '"threads"'],
  [
    "not a sibling's property",
    "export default { compute: 1, config: { threads: 2 } };",
    ["compute", "threads"],
    "compute: 1",
  ],
])("finds %s", (_, source, path, place) => {
  const { line, column } = locateProperty(source, path)!;
  expect(source.split("\n")[line - 1]?.slice(column - 1)).toMatch(new RegExp(`^${escape(place)}`));
});

test("says nothing about what is not there", () => {
  expect(locateProperty("export default config;", ["slots"])).toBeUndefined();
  expect(locateProperty("", ["slots"])).toBeUndefined();
  expect(locateProperty("export default {};", [])).toBeUndefined();
});

test("looks among the arguments of one call", () => {
  const source = `define({ a: 1 });\nconst name = "x";\ndefine(name, {\n  b: { a: 2 },\n});\ndefine({ c: 3 });`;
  const call = { line: 3, column: 1 };
  expect(locateArgument(source, call, ["b", "a"])).toEqual({ line: 4, column: 8 });
  expect(locateArgument(source, call, ["c"])).toBeUndefined();
});

interface Branch {
  readonly key: string;
  readonly quote: "" | "'" | '"';
  readonly gap: string;
  readonly value: string | readonly Branch[];
}

const gap = fc.constantFrom(" ", "\n", "\n\n  ", " /* a: { */ ", " // }, b: 1\n");
const leaf = fc.constantFrom("1", "'{'", '"],"', "[1, { a: 2 }]", "`(`", "(b) => b", "''");
const { tree } = fc.letrec<{ tree: readonly Branch[]; branch: Branch }>((tie) => ({
  tree: fc.uniqueArray(tie("branch"), { maxLength: 4, selector: ({ key }) => key }),
  branch: fc.record({
    key: fc.constantFrom("a", "b", "slots", "compute", "$x", "_y"),
    quote: fc.constantFrom("", "'", '"'),
    gap,
    value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie("tree")),
  }),
}));

test("points at every property of any object literal", () => {
  fc.assert(
    fc.property(
      tree,
      fc.constantFrom("export default ", "export default f(", "import x from 'y';\nexport default "),
      (branches, head) => {
        const offsets: [path: string[], offset: number][] = [];
        const source = render(branches, [], head, offsets);
        for (const [path, offset] of offsets) {
          const { line, column } = locateProperty(source, path)!;
          const lines = source.split("\n").slice(0, line - 1);
          expect(lines.reduce((sum, text) => sum + text.length + 1, 0) + column - 1).toBe(offset);
        }
      },
    ),
  );
});

// The source text of an object; notes the path and the place of each property.
function render(branches: readonly Branch[], path: string[], head: string, offsets: [string[], number][]): string {
  let source = `${head}{`;
  for (const { key, quote, gap: space, value } of branches) {
    source += space;
    offsets.push([[...path, key], source.length]);
    source += `${quote}${key}${quote}:${space}`;
    source = typeof value === "string" ? source + value : render(value, [...path, key], source, offsets);
    source += ",";
  }
  return `${source}}`;
}

function escape(text: string): string {
  return text.replaceAll(/[()[\]{}$]/g, String.raw`\$&`);
}
