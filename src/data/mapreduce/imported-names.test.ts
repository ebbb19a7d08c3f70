import { expect, test } from "vitest";
import { namesFromMillrace } from "./imported-names.ts";

test.each([
  ['import { mapReduceJob } from "millrace";', ["mapReduceJob"]],
  [
    "import {\n  mapReduceJob,\n  type Emit,\n  MillraceError as Failure,\n} from 'millrace';",
    ["mapReduceJob", "MillraceError"],
  ],
  ['import type { Emit } from "millrace";\nimport { defineJob } from "millrace"', ["defineJob"]],
  ['import { join } from "node:path";', []],
])("`%s` takes %j", (text, names) => {
  expect(namesFromMillrace(text)).toEqual(names);
});

test.each([
  'import * as all from "millrace";',
  'import all, { mapReduceJob } from "millrace";',
  'const { mapReduceJob } = await import("millrace");',
  'export { mapReduceJob } from "millrace";',
  '// import { mapReduceJob } from "millrace";\nimport * as all from "millrace";',
])("what `%s` takes cannot be told", (text) => {
  expect(namesFromMillrace(text)).toBeUndefined();
});
