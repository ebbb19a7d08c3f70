import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as openpgp from "openpgp";
import { beforeAll, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { decryptStream, type GpgKeys } from "./gpg.ts";

const plain = Buffer.concat([Buffer.from("id,name\n1,é\n"), randomBytes(200_000)]);
const partner = await makeKeys("partner", "open sesame");
const stranger = await makeKeys("stranger");
let forPartner: Uint8Array;
let withPassword: Uint8Array;

beforeAll(async () => {
  const message = await openpgp.createMessage({ binary: plain });
  forPartner = await openpgp.encrypt({ message, encryptionKeys: partner.publicKey, format: "binary" });
  withPassword = await openpgp.encrypt({ message, passwords: ["p4ss"], format: "binary" });
});

async function makeKeys(name: string, passphrase?: string): Promise<{ privateKey: string; publicKey: openpgp.Key }> {
  const keys = await openpgp.generateKey({
    userIDs: [{ name }],
    type: "curve25519",
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  return { privateKey: keys.privateKey, publicKey: await openpgp.readKey({ armoredKey: keys.publicKey }) };
}

function parts(bytes: Uint8Array): Readable {
  const list = Array.from({ length: Math.ceil(bytes.length / 5000) }, (_, index) =>
    bytes.subarray(index * 5000, (index + 1) * 5000),
  );
  return Readable.from(list, { objectMode: false });
}

async function decrypt(bytes: Uint8Array, keys?: GpgKeys): Promise<Buffer> {
  return await buffer(await decryptStream(parts(bytes), keys, "a.csv.gpg"));
}

test("a message is opened by the private key that it was written for, and by its password", async () => {
  const { privateKey } = partner;
  expect(plain.equals(await decrypt(forPartner, { privateKey, passphrase: "open sesame" }))).toBe(true);
  expect(plain.equals(await decrypt(withPassword, { password: "p4ss" }))).toBe(true);
  const armored = await openpgp.encrypt({
    message: await openpgp.createMessage({ binary: plain }),
    passwords: ["p4ss"],
    format: "armored",
  });
  expect(plain.equals(await decrypt(Buffer.from(armored), { password: "p4ss" }))).toBe(true);
});

test("another key, another password, and no key at all open nothing", async () => {
  for (const [bytes, keys] of [
    [forPartner, { privateKey: stranger.privateKey }],
    [withPassword, { password: "other" }],
    [forPartner, undefined],
    [Buffer.from("id,name\n1,é\n"), { password: "p4ss" }],
    [new Uint8Array(), { password: "p4ss" }],
  ] as const) {
    const error = await expectFailure(decrypt(bytes, keys));
    expect([error.code, error.message]).toEqual([
      "SOURCE_UNREADABLE",
      expect.stringContaining("decrypting `a.csv.gpg`"),
    ]);
  }
});

test("a private key that cannot be used is the fault of the configuration, and is in no message", async () => {
  for (const keys of [{ privateKey: "s3cret" }, { privateKey: partner.privateKey, passphrase: "wr0ng" }]) {
    const error = await expectFailure(decrypt(forPartner, keys));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(JSON.stringify([error.message, error.hint])).not.toMatch(/s3cret|wr0ng/);
  }
});

test("a message that was changed anywhere, or cut, fails", async () => {
  for (const bytes of [forPartner, withPassword]) {
    for (const at of [bytes.length >> 1, bytes.length - 2]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const keys = { privateKey: partner.privateKey, passphrase: "open sesame", password: "p4ss" };
      for (const wrong of [changed, bytes.subarray(0, at)])
        expect(await decrypt(wrong, keys).catch(() => "refused")).toBe("refused");
    }
  }
});
