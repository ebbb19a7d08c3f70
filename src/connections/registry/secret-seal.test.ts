import fc from "fast-check";
import { expect, test } from "vitest";
import { createSecretSeal } from "./secret-seal.ts";

const seal = createSecretSeal(["a key of at least sixteen characters"]);

test("every secret comes back as it was, and no two sealed texts are the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (secret) => {
      const sealed = seal.seal(secret, "credential:crm");
      expect(seal.open(sealed, "credential:crm")).toBe(secret);
      expect(seal.seal(secret, "credential:crm")).not.toBe(sealed);
    }),
    { numRuns: 50 },
  );
});

test("what was sealed with another key, for another purpose or was changed does not open", () => {
  const sealed = seal.seal("canary", "credential:crm");
  expect(sealed).not.toContain("canary");
  const flipped = sealed.slice(0, -2) + (sealed.at(-2) === "A" ? "B" : "A") + sealed.slice(-1);
  const attempts = [
    (): string => createSecretSeal(["another key of sixteen characters"]).open(sealed, "credential:crm"),
    () => seal.open(sealed, "credential:other"),
    () => seal.open(flipped, "credential:crm"),
    () => seal.open(sealed.slice(0, 20), "credential:crm"),
    () => seal.open(`v2${sealed.slice(2)}`, "credential:crm"),
    () => seal.open("", "credential:crm"),
  ];
  for (const attempt of attempts)
    expect(attempt).toThrow(expect.objectContaining({ code: "SECRET_UNREADABLE" }) as Error);
});

test("a short key is refused without being told", () => {
  expect(() => createSecretSeal(["canary"])).toThrow(
    "expected the key of secrets to have at least 16 characters, got: `6`",
  );
});
