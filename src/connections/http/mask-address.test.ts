import { expect, test } from "vitest";
import { maskAddress } from "./mask-address.ts";

test.each([
  ["https://a.example/x?page=2&api_key=canary", "https://a.example/x?page=2&api_key=[masked]"],
  ["https://user:canary@a.example/x#canary", "https://a.example/x"],
  ["https://a.example/x?X-Amz-Signature=canary&flag", "https://a.example/x?X-Amz-Signature=[masked]&flag"],
  ["https://a.example/x?%61pi_key=canary", "https://a.example/x?%61pi_key=[masked]"],
  ["https://a.example/?hash=canary", "https://a.example/?hash=[masked]"],
  ["not an address: canary", "an address that cannot be parsed"],
])("%s is shown as %s", (address, shown) => {
  expect(maskAddress(address, ["hash"])).toBe(shown);
});

test("a very long address is cut", () => {
  expect(maskAddress(`https://a.example/${"x".repeat(1_000)}`)).toHaveLength(501);
});
