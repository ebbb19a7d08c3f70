import { expect, test } from "vitest";
import { vectorFile } from "./vector-file.ts";

// the examples of the protocol's own text
const id = "d2c639aa-8816-431a-aaf6-d3fe2512ff61";

test.each([
  [{ storageType: "u", pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^" }, `/t/ab/deletion_vector_${id}.bin`],
  [{ storageType: "u", pathOrInlineDv: "^-aqEH.-t@S}K{vb[*k^" }, `/t/deletion_vector_${id}.bin`],
  [{ storageType: "p", pathOrInlineDv: `file:///t/deletion_vector_${id}.bin` }, `/t/deletion_vector_${id}.bin`],
  [{ storageType: "i", pathOrInlineDv: "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L" }, undefined],
  [null, undefined],
])("the file of %j is %s", (descriptor, path) => {
  expect(vectorFile("/t", descriptor)).toBe(path);
});
