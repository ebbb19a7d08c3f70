import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretRedactor, isSecretKey, maskSecretFields, maskText, minSecretLength } from "./secret-redactor.ts";

const secret = 'p@ss "wörd"/+&=';

describe("a redactor", () => {
  it("masks a registered value raw, base64-, URL- and JSON-encoded", () => {
    const redactor = createSecretRedactor([secret]);
    const forms = [
      secret,
      JSON.stringify(secret),
      JSON.stringify(JSON.stringify({ dsn: secret })),
      encodeURIComponent(secret),
      new URLSearchParams({ q: secret }).toString(),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
      Buffer.from(`user:${secret}`).toString("base64"),
      Buffer.from(`me:${secret}:more`).toString("base64"),
    ];
    for (const form of forms) {
      const shown = redactor.redactText(`before ${form} after`);
      expect([form, shown.includes(maskText)]).toEqual([form, true]);
      expect(shown).toMatch(/^before .* after$/);
    }
  });

  it("leaves no form of any secret in any text", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: minSecretLength, maxLength: 40 }),
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        (value, before, after) => {
          const redactor = createSecretRedactor([value]);
          const shown = redactor.redactText(JSON.stringify({ text: before + value + after }));
          expect(shown).not.toContain(JSON.stringify(value).slice(1, -1));
          const encoded = Buffer.from(before + value).toString("base64");
          expect(Buffer.from(redactor.redactText(encoded), "base64").toString()).not.toContain(value);
        },
      ),
    );
  });

  it("masks what is under keys that name a secret, whatever its shape, and nothing beside them", () => {
    const redactor = createSecretRedactor();
    const params = {
      region: "eu",
      api_key: "abc",
      nested: [{ githubToken: "x", page: 2 }],
      credentials: { user: "u", password: "p" },
      token_id: "t1",
      password: null,
    };
    expect(redactor.redact(params)).toEqual({
      region: "eu",
      api_key: maskText,
      nested: [{ githubToken: maskText, page: 2 }],
      credentials: maskText,
      token_id: "t1",
      password: null,
    });
    expect(redactor.redact(params, { keys: false })).toEqual(params);
  });

  it("masks registered values in keys and texts of a value", () => {
    const redactor = createSecretRedactor([secret]);
    expect(redactor.redact({ [secret]: [`see ${secret}`] })).toEqual({ [maskText]: [`see ${maskText}`] });
  });

  it("keeps a key named `__proto__` a key", () => {
    const value = createSecretRedactor().redact(JSON.parse('{"__proto__": {"admin": true}}') as object);
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect("admin" in value).toBe(false);
  });

  it("does not register what is too short to be told from ordinary text", () => {
    const redactor = createSecretRedactor();
    expect(redactor.add("1234567")).toBe(false);
    expect(redactor.redactText("order 1234567")).toBe("order 1234567");
  });

  it("forgets a value that was removed", () => {
    const redactor = createSecretRedactor([secret]);
    redactor.remove(secret);
    expect(redactor.redactText(secret)).toBe(secret);
  });

  it("masks what is nested too deep to look at", () => {
    let deep: unknown = secret;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(JSON.stringify(createSecretRedactor([secret]).redact(deep))).toContain(maskText);
  });
});

describe("isSecretKey", () => {
  it.each(["password", "PASSWORD", "apiKey", "x-api-key", "GITHUB_TOKEN", "clientSecret", "privateKey", "db.password"])(
    "knows `%s`",
    (key) => expect(isSecretKey(key)).toBe(true),
  );
  it.each(["token_id", "tokens_used", "secretary", "key", "primary_key", "author", "next_cursor", ""])(
    "leaves `%s` alone",
    (key) => expect(isSecretKey(key)).toBe(false),
  );
});

describe("maskSecretFields", () => {
  it("masks JSON fields within a text by their keys", () => {
    const line = `10:00 info sent ${JSON.stringify({ page: 1, api_key: 'a"b', nested: { password: 7, user: "u" } })} done`;
    expect(maskSecretFields(line)).toBe(
      `10:00 info sent {"page":1,"api_key":"${maskText}","nested":{"password":"${maskText}","user":"u"}} done`,
    );
  });
});
