// Decryption of OpenPGP messages (RFC 9580). The plain bytes go to a spool while they come; whether the message is whole is known
// at its end, and nothing reads the spool before.
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type * as openPgp from "openpgp";
import { MillraceError } from "../../../core/errors/errors.ts";
import { loadOptional } from "../../../core/errors/optional-package.ts";

/** What opens messages. */
export interface GpgKeys {
  /** Armored. */
  readonly privateKey?: string;
  /** Of the private key. */
  readonly passphrase?: string;
  /** Of messages that were encrypted with a password. */
  readonly password?: string;
}

type OpenPgp = typeof openPgp;

/**
 * The plain bytes of a message. The stream fails at the end of a message that somebody has changed.
 * @param name of the file, for messages
 * @throws MillraceError `SOURCE_UNREADABLE` when the keys do not open it, `DEPENDENCY_MISSING`
 */
export async function decryptStream(packed: Readable, keys: GpgKeys | undefined, name: string): Promise<Readable> {
  if (keys?.privateKey === undefined && keys?.password === undefined) {
    throw new MillraceError("SOURCE_UNREADABLE", `decrypting \`${name}\`: the source names no key`, {
      hint: 'set `gpg.privateKey` or `gpg.password` of the source, such as `{ privateKey: secretFile("partner.asc") }`',
    });
  }
  const openpgp = await loadOptional("openpgp", "encrypted files", () => import("openpgp"));
  try {
    const message = await readMessage(openpgp, packed);
    const { data } = await openpgp.decrypt(await toOptions(openpgp, message, keys));
    return Readable.fromWeb(data);
  } catch (cause) {
    packed.destroy();
    throw cause instanceof MillraceError ? cause : refused(name, cause);
  }
}

async function readMessage(openpgp: OpenPgp, packed: Readable): Promise<openPgp.Message<never>> {
  const iterator = packed[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const first = await iterator.next();
  const head = first.done === true ? new Uint8Array() : first.value;
  const bytes = Readable.from(
    (async function* () {
      yield head;
      yield* { [Symbol.asyncIterator]: () => iterator };
    })(),
    { objectMode: false },
  );
  const web = Readable.toWeb(bytes) as ReadableStream<Uint8Array<ArrayBuffer>>;
  if (!Buffer.from(head).subarray(0, 100).toString("latin1").trimStart().startsWith("-----BEGIN PGP")) {
    return await openpgp.readMessage({ binaryMessage: web as never });
  }
  return await openpgp.readMessage({ armoredMessage: web.pipeThrough(new TextDecoderStream("latin1")) as never });
}

async function toOptions(
  openpgp: OpenPgp,
  message: openPgp.Message<never>,
  keys: GpgKeys,
): Promise<openPgp.DecryptOptions> {
  const { privateKey, passphrase, password } = keys;
  return {
    message,
    format: "binary",
    ...(password === undefined ? {} : { passwords: [password] }),
    ...(privateKey === undefined ? {} : { decryptionKeys: [await readKey(openpgp, privateKey, passphrase)] }),
    // without it all of a message is held in memory until its end, where the check is
    config: { allowUnauthenticatedStream: true },
  };
}

async function readKey(openpgp: OpenPgp, armored: string, passphrase: string | undefined): Promise<openPgp.PrivateKey> {
  try {
    const privateKey = await openpgp.readPrivateKey({ armoredKey: armored });
    return passphrase === undefined ? privateKey : await openpgp.decryptKey({ privateKey, passphrase });
  } catch (cause) {
    throw new MillraceError("CONFIG_INVALID", "`gpg.privateKey` of the source cannot be used", {
      hint: "it is the armored private key (`gpg --export-secret-keys --armor`); `gpg.passphrase` opens it",
      cause,
    });
  }
}

function refused(name: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : "it cannot be decrypted";
  return new MillraceError("SOURCE_UNREADABLE", `decrypting \`${name}\`: ${reason}`, {
    hint: "the file is damaged, or it was encrypted for another key",
    cause,
  });
}
