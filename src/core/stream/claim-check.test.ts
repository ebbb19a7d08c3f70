import { expect, test } from "vitest";
import { findPayloadHashes, parsePayloadToken } from "./payload-token.ts";
import { defineTopic } from "./topic.ts";

const hash = "ab".repeat(32);

test("a record must not outlive its payload", () => {
  const define = (retention?: "30d" | "7d"): unknown =>
    defineTopic({
      name: "images",
      claimCheck: { above: "256KB", expiry: "14d" },
      ...(retention === undefined ? {} : { retention }),
    });
  expect(() => define("30d")).toThrow("longer than `retention`, which is 30d");
  expect(() => define()).toThrow("stay for ever");
  expect(define("7d")).toMatchObject({ claimCheckAboveBytes: 256_000 });
});

test("hashes are found in any JSON, each once, and nothing else is taken for one", () => {
  const find = (text: string): readonly string[] => findPayloadHashes(Buffer.from(text));
  expect(find(JSON.stringify({ image: { sha256: hash }, again: [{ sha256: hash }] }))).toEqual([hash]);
  expect(find(`{"sha256" : \n "${hash}"}`)).toEqual([hash]);
  expect(find(`{"sha256":"${hash.slice(1)}"}{"sha256":null}"sha256"`)).toEqual([]);
});

test("a token with a field that is wrong is refused with its name", () => {
  expect(() => parsePayloadToken({ sha256: hash, bytes: -1, createdAt: "2026-01-01T00:00:00Z" })).toThrow("`bytes`");
});
