import fc from "fast-check";
import { expect, test } from "vitest";
import { TapeMask } from "./tape-mask.ts";

const canary = "canary-77aa-ö-0123456789";

function maskInParts(mask: TapeMask, text: Buffer, size: number): string {
  const body = mask.body();
  const parts: Buffer[] = [];
  for (let at = 0; at < text.length; at += size) parts.push(body.write(text.subarray(at, at + size)));
  return Buffer.concat([...parts, body.end()]).toString();
}

test("secrets are masked wherever a body is cut into parts, and nothing else changes", () => {
  const mask = new TapeMask();
  mask.add(canary);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 0, max: 70_000 }), (size, before) => {
      const filler = "x,".repeat(before);
      const text = `${filler}{"access_token": "short","v":"${canary}","next":"http://a/?api_key=abc&b=ü"}${filler}`;
      const expected = `${filler}{"access_token":"[masked]","v":"[masked]","next":"http://a/?api_key=[masked]&b=ü"}${filler}`;
      expect(maskInParts(mask, Buffer.from(text), size) === expected).toBe(true);
    }),
    { numRuns: 12 },
  );
});

test("a secret where a body would be cut stays in one piece", () => {
  const mask = new TapeMask();
  mask.add("canary-at-the-cut");
  const text = `${"x".repeat(100_000)}canary-at-the-cut${"y".repeat(64 * 1024 - 8)}`;
  expect(maskInParts(mask, Buffer.from(text), text.length)).toBe(text.replace("canary-at-the-cut", "[masked]"));
});

test("bytes that are no text come out as they went in", () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
  const body = new TapeMask().body();
  expect(Buffer.concat([body.write(bytes), body.end()]).equals(bytes)).toBe(true);
});

test("addresses lose what is named like a secret, and headers all that nobody knows to be harmless", () => {
  const mask = new TapeMask();
  mask.add(canary);
  const url = `http://a.test/p/${encodeURIComponent(canary)}?token=x&page=2&own=y&sig=z`;
  expect(mask.address(url, ["own"])).toBe("http://a.test/p/[masked]?token=[masked]&page=2&own=[masked]&sig=[masked]");
  expect(mask.requestHeaders({ accept: "a/b", "x-whatever": "k" })).toEqual({
    accept: "a/b",
    "x-whatever": "[masked]",
  });
  expect(mask.responseHeaders({ "set-cookie": "k", link: "<http://a?access_token=k>" })).toEqual({
    "set-cookie": "[masked]",
    link: "<http://a?access_token=[masked]>",
  });
});
