// Messages that are written here are those of the reference implementation, and both read what the other writes.
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageFields } from "./message-fields.ts";
import { MessageWriter } from "./message-writer.ts";

const field = fc.integer({ min: 1, max: 2 ** 20 });
const whole = fc.maxSafeInteger();

test("messages have the bytes that the reference implementation writes", () => {
  fc.assert(
    fc.property(field, whole, fc.string(), fc.uint8Array(), fc.boolean(), (at, number, text, bytes, flag) => {
      const inner = new BinaryWriter().tag(1, WireType.LengthDelimited).string(text).finish();
      const theirs = new BinaryWriter()
        .tag(at, WireType.Varint)
        .int64(number)
        .tag(at, WireType.LengthDelimited)
        .bytes(bytes)
        .tag(2, WireType.LengthDelimited)
        .bytes(inner)
        .tag(3, WireType.Varint)
        .bool(flag)
        .finish();
      const ours = new MessageWriter()
        .whole(at, number)
        .bytes(at, bytes)
        .message(2, new MessageWriter().text(1, text))
        .flag(3, flag)
        .finish();
      expect(Buffer.from(ours)).toEqual(Buffer.from(theirs));
    }),
  );
});

test("a message is read as it was written, whatever else is in it", () => {
  fc.assert(
    fc.property(whole, fc.string(), fc.array(fc.string()), (number, text, texts) => {
      const writer = new BinaryWriter().tag(900, WireType.Bit64).fixed64(1).tag(901, WireType.Bit32).fixed32(1);
      writer.tag(1, WireType.Varint).int64(number).tag(2, WireType.LengthDelimited).string(text);
      for (const each of texts) writer.tag(3, WireType.LengthDelimited).string(each);
      const fields = new MessageFields(writer.finish());
      expect(fields.whole(1)).toBe(number);
      expect(fields.text(2)).toBe(text);
      expect(fields.texts(3)).toEqual(texts);
      expect(fields.has(4)).toBe(false);
    }),
  );
});

test("maps of texts survive, with empty values", () => {
  const bytes = new MessageWriter().textMap(5, { a: "1", b: "" }).finish();
  expect(new MessageFields(bytes).textMap(5)).toEqual({ a: "1", b: "" });
  expect(new BinaryReader(bytes).tag()).toEqual([5, WireType.LengthDelimited]);
});

test("a message that was cut is refused, wherever that was", () => {
  const bytes = new MessageWriter().text(1, "some text").whole(2, 300).finish();
  const firstFieldBytes = 11;
  for (let length = 1; length < bytes.length; length += 1) {
    if (length === firstFieldBytes) continue;
    expect(() => new MessageFields(bytes.subarray(0, length))).toThrow("does not follow its format");
  }
});
