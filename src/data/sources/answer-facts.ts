// What an answer says of the file that it is: a name, a time, a version, and checksums of its bytes.
import type { Hash } from "node:crypto";
import { createHash } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileFacts } from "./file-spool.ts";
import type { PageBody } from "./page-rows.ts";

type Answer = Pick<PageBody, "headers" | "url" | "address">;

/** @param page which answer of its unit it is, from 1 */
export function factsOf({ headers = {}, url = "", address = "" }: Answer, page: number): FileFacts {
  const modifiedAtMs = Date.parse(headers["last-modified"] ?? "");
  const version = headers["etag"];
  return {
    path: address,
    below: nameInHeader(headers["content-disposition"] ?? "") ?? nameInAddress(url),
    page,
    ...(Number.isNaN(modifiedAtMs) ? {} : { modifiedAtMs }),
    ...(version === undefined ? {} : { version: version.replace(/^W\//, "").replaceAll('"', "") }),
  };
}

/** Checksums that the service says of the bytes, to be compared with those that come. */
export class AnswerDigests {
  readonly #expected: readonly { readonly header: string; readonly hash: Hash; readonly digest: string }[];

  constructor(headers: Readonly<Record<string, string>> = {}) {
    // what is packed on its way is unpacked here, and the checksum is that of what was sent
    const isAsSent = headers["content-encoding"] === undefined;
    this.#expected = isAsSent
      ? listDigests(headers).map(({ header, algorithm, digest }) => ({ header, hash: createHash(algorithm), digest }))
      : [];
  }

  /** Whether anything tells that the bytes are all there. */
  get areKnown(): boolean {
    return this.#expected.length > 0;
  }

  update(part: Uint8Array): void {
    for (const { hash } of this.#expected) hash.update(part);
  }

  /** @throws MillraceError `CHECKSUM_MISMATCH` */
  assertSame(name: string): void {
    const other = this.#expected.find(({ hash, digest }) => hash.digest("base64") !== digest);
    if (other === undefined) return;
    throw new MillraceError("CHECKSUM_MISMATCH", `${name}: the bytes are not those that \`${other.header}\` tells`, {
      hint: "nothing; if it happens again, what the service has is damaged, or its header is wrong",
    });
  }
}

interface SaidDigest {
  readonly header: string;
  readonly algorithm: "md5" | "sha256" | "sha512";
  /** Base64. */
  readonly digest: string;
}

/** @see https://www.rfc-editor.org/rfc/rfc9530 and, for `content-md5`, https://www.rfc-editor.org/rfc/rfc1864 */
function listDigests(headers: Readonly<Record<string, string>>): readonly SaidDigest[] {
  const md5 = headers["content-md5"]?.trim();
  const others = ["content-digest", "repr-digest"].flatMap((header) =>
    [...(headers[header] ?? "").matchAll(/(?:^|,)\s*sha-(256|512)=:([A-Za-z0-9+/=]+):/g)].map(
      ([, bits, digest = ""]): SaidDigest => ({ header, algorithm: bits === "256" ? "sha256" : "sha512", digest }),
    ),
  );
  return [...(md5 === undefined ? [] : [{ header: "content-md5", algorithm: "md5", digest: md5 } as const]), ...others];
}

/** @see https://www.rfc-editor.org/rfc/rfc6266 */
function nameInHeader(disposition: string): string | undefined {
  const extended = /filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition)?.[1];
  const decoded = extended === undefined ? undefined : decode(extended);
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i.exec(disposition) ?? [];
  const said = decoded ?? quoted?.replaceAll(/\\(.)/g, "$1") ?? plain;
  // some say a whole path, of which only the last part is meant
  const name = said?.split(/[\\/]/).at(-1);
  return name === "" ? undefined : name;
}

function nameInAddress(url: string): string {
  const last =
    URL.parse(url)
      ?.pathname.split("/")
      .findLast((part) => part !== "") ?? "";
  return decode(last) ?? last;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
