import { expect, test } from "vitest";
import { splitRichText } from "./split-rich-text.ts";

test("code and run ids stand out of a sentence", () => {
  expect(splitRichText("waits for `clean` (r7, RUNNING)")).toEqual([
    { kind: "text", text: "waits for " },
    { kind: "code", text: "clean" },
    { kind: "text", text: " (" },
    { kind: "run", text: "r7" },
    { kind: "text", text: ", RUNNING)" },
  ]);
});

test("an id in a command stays part of the command, and a lone backtick stays text", () => {
  expect(splitRichText("`millrace why r8`")).toEqual([{ kind: "code", text: "millrace why r8" }]);
  expect(splitRichText("5` of rain, error42")).toEqual([{ kind: "text", text: "5` of rain, error42" }]);
});

test("an instant stands out, so that it can be told in the zone of the reader", () => {
  expect(
    splitRichText("due 2026-11-29T16:32:23Z (in 14m), run `2026-11-29T16:32:23Z`").map(({ kind }) => kind),
  ).toEqual(["text", "instant", "text", "code"]);
});
