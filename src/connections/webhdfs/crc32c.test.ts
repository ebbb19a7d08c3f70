import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

test.each([
  ["the check value of the polynomial", Buffer.from("123456789"), 0xe3069283],
  ["32 bytes of zeros, as RFC 3720 has them", Buffer.alloc(32), 0x8a9136aa],
  ["32 bytes of ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
  ["nothing", Buffer.alloc(0), 0],
])("of %s", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});
