import { expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { MapScene } from "../../../../tests/support/mapreduce/map-scene.ts";
import { readPairs } from "../../../../tests/support/mapreduce/read-pairs.ts";

const text = "ash x\nbirch x\n élan x\nélan x\nash x\n";

test.each([0, 2])("pairs are the rows that lines of JSON are, in the same order, with %i threads", async (threads) => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", text);
  const { lines } = await scene.run("words", [file], { threads, splitBytes: 8 });
  const { files, values, lines: none } = await scene.run("words", [file], { threads, splitBytes: 8, arePairs: true });
  expect(none).toEqual([]);
  expect(values).toBe("whole");
  expect(await readPairs(files)).toEqual(lines.map(({ key, value }) => [key, value]));
});

test("bytes of a key that are no UTF-8 become the character that stands for such", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", Buffer.from([0x61, 0xff, 0xc3, 0xa9]));
  const { files } = await scene.run("words", [file], { arePairs: true });
  expect(await readPairs(files)).toEqual([["a\uFFFDé", 1]]);
});

test("a total that is no number fails the run", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", text);
  expect(await expectFailure(scene.run("wrongTotals", [file], { splitBytes: 8, arePairs: true }))).toMatchObject({
    code: "REDUCE_FAILED",
    message: expect.stringContaining("expected `merge` to return a number, as `init` is one, got: `string`"),
  });
});
