import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { assertWholeArchives } from "./whole-archives.ts";

const folder = useTemporaryFolder("archives");
const text = Array.from({ length: 20_000 }, (_, index) => `${index},${index * 7}\n`).join("");

test.each([
  ["gz", gzipSync(text)],
  ["zst", zstdCompressSync(text)],
])("a whole .%s file passes, one that was cut is refused by name", async (extension, packed) => {
  const whole = join(folder(), `whole.csv.${extension}`);
  const cut = join(folder(), `cut.csv.${extension}`);
  await writeFile(whole, packed);
  await writeFile(cut, packed.subarray(0, packed.length / 2));
  await assertWholeArchives([whole, join(folder(), "plain.csv")]);
  const error = await expectFailure(assertWholeArchives([whole, cut]));
  expect(error).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: expect.stringContaining(`unpacking \`${cut}\`: `),
  });
});
