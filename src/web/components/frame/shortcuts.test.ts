// Each pressed key has one name.
import { expect, test } from "vitest";
import { toKeyText } from "./shortcuts.ts";

const none = { ctrlKey: false, metaKey: false, altKey: false };

test("Ctrl and the command key are the same, letters have no case, other keys keep their name", () => {
  expect(toKeyText({ ...none, key: "K", ctrlKey: true })).toBe("mod+k");
  expect(toKeyText({ ...none, key: "k", metaKey: true })).toBe("mod+k");
  expect(toKeyText({ ...none, key: "J" })).toBe("j");
  expect(toKeyText({ ...none, key: "?" })).toBe("?");
  expect(toKeyText({ ...none, key: "Escape" })).toBe("Escape");
});

test("a modifier alone, and what is pressed with Alt, is nothing", () => {
  expect(toKeyText({ ...none, key: "Control", ctrlKey: true })).toBe("");
  expect(toKeyText({ ...none, key: "k", altKey: true })).toBe("");
});
