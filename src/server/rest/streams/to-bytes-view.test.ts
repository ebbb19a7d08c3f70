import { expect, test } from "vitest";
import { toBytesView } from "./to-bytes-view.ts";

const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8");

test("null and empty are two things", () => {
  expect(toBytesView(null)).toMatchObject({ encoding: "null", text: null, bytes: 0 });
  expect(toBytesView(utf8(""))).toMatchObject({ encoding: "text", text: "", bytes: 0 });
});

test("JSON is told from text only where it was asked for", () => {
  expect(toBytesView(utf8('{"a":1}'), { parses: true })).toMatchObject({
    encoding: "json",
    json: { a: 1 },
    text: null,
  });
  expect(toBytesView(utf8("12"))).toMatchObject({ encoding: "text", text: "12", json: null });
  expect(toBytesView(utf8("{a"), { parses: true })).toMatchObject({ encoding: "text", text: "{a" });
});

test("a number that JavaScript would change is shown as it was written", () => {
  const text = '{"id":12345678901234567891}';
  expect(toBytesView(utf8(text), { parses: true })).toMatchObject({ encoding: "text", text });
});

test("what is no text is base64", () => {
  expect(toBytesView(Uint8Array.of(0xff, 0xfe))).toMatchObject({ encoding: "base64", text: "//4=", bytes: 2 });
  expect(toBytesView(Uint8Array.of(0, 1))).toMatchObject({ encoding: "base64" });
});

test("what is long is cut between two characters, and says how long it is", () => {
  const cut = toBytesView(utf8("aé€"), { maxBytes: 2 });
  expect(cut).toEqual({ encoding: "text", json: null, text: "a", bytes: 6, truncated: true });
  expect(toBytesView(utf8("😀😀"), { maxBytes: 7 })).toMatchObject({ encoding: "text", text: "😀", truncated: true });
});

test("JSON that is cut is text", () => {
  expect(toBytesView(utf8("[1,2,3]"), { parses: true, maxBytes: 3 })).toMatchObject({ encoding: "text", text: "[1," });
});
