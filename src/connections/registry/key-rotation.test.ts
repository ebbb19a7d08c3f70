// Several keys at once: what the older ones have sealed is read, and made anew under the newest.
import { expect, test } from "vitest";
import { createFieldCipher } from "./field-cipher.ts";
import { createSecretSeal } from "./secret-seal.ts";

const [older, newer, foreign] = ["the older key of the two", "the newer key of the two", "a key that nobody gave"];

const before = createFieldCipher([older]);
const both = createFieldCipher([newer, older]);
const after = createFieldCipher([newer]);

test("values of both keys are read while both are there, and new ones are under the first", () => {
  const [old, fresh] = [before.seal("grüße", "mail"), both.seal("grüße", "mail")];
  expect([both.open(old, "mail"), both.open(fresh, "mail")]).toEqual(["grüße", "grüße"]);
  expect(after.open(fresh, "mail")).toBe("grüße");
  expect(fresh.startsWith(both.newestMark)).toBe(true);
  expect(old.startsWith(both.newestMark)).toBe(false);
});

test("a value that is renewed opens without the older key, and one that is under the newest stays as it is", () => {
  const renewed = both.renew(before.seal("a@b.c", "mail"), "mail");
  expect(after.open(renewed, "mail")).toBe("a@b.c");
  expect(both.renew(renewed, "mail")).toBe(renewed);
});

test("a key that is missing is named, and so are those that are there", () => {
  const stranger = createFieldCipher([foreign]).seal("a@b.c", "mail");
  const [, id = ""] = stranger.split(".");
  const own = [both, before].map(({ newestMark }) => `\`${newestMark.split(".")[1]}\``).join(", ");
  expect(() => both.open(stranger, "mail")).toThrow(
    expect.objectContaining({
      code: "SECRET_UNREADABLE",
      message: `a value of column \`mail\` was encrypted with another key: \`${id}\`, this process has: ${own}`,
      hint: expect.stringContaining("give this process that key too") as string,
    }) as Error,
  );
});

test.each([
  [
    "put under the id of another key",
    (text: string) => text.replace(/^mr1\.\w+/, both.newestMark.slice(0, -1)),
    "mail",
  ],
  ["changed", (text: string) => text.replace(/.$/, (last) => (last === "A" ? "B" : "A")), "mail"],
  ["cut", (text: string) => text.slice(0, 20), "mail"],
  ["moved to another column", (text: string) => text, "phone"],
])("a value that was %s opens with none of the keys, and is not renewed", (_, change, column) => {
  // a text whose last letter holds six bits of content
  const sealed = change(before.seal("xy", "mail"));
  for (const act of ["open", "renew"] as const) {
    expect(() => both[act](sealed, column)).toThrow(
      expect.objectContaining({
        code: "SECRET_UNREADABLE",
        message: `a value of column \`${column}\` is not what was encrypted for it`,
      }) as Error,
    );
  }
});

test("secrets of the store are read with both keys and renewed once", () => {
  const [was, is, only] = [createSecretSeal([older]), createSecretSeal([newer, older]), createSecretSeal([newer])];
  const sealed = was.seal("canary", "connection:crm");
  expect(is.open(sealed, "connection:crm")).toBe("canary");
  expect(() => only.open(sealed, "connection:crm")).toThrow(
    /was sealed with another key: `\w{8}`, this process has: `\w{8}`$/,
  );
  const renewed = is.renew(sealed, "connection:crm") ?? "";
  expect(only.open(renewed, "connection:crm")).toBe("canary");
  expect(is.renew(renewed, "connection:crm")).toBeUndefined();
  expect(() => is.renew(sealed, "connection:other")).toThrow("is not what was sealed for it");
});

test("hashes are made with the newest key", () => {
  expect(both.hashBlocks()).toEqual(after.hashBlocks());
  expect(both.hashBlocks()).not.toEqual(before.hashBlocks());
});
