// Reads messages in the wire format of Protocol Buffers. What a newer server adds stays unread, and what is passed on stays
// the bytes that came, so nothing that is not known here is lost.
// @see https://protobuf.dev/programming-guides/encoding/
import { MillraceError } from "../../../core/errors/errors.ts";

/** The fields of one message by their numbers. */
export class MessageFields {
  readonly #values: ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

  /** @throws MillraceError `RESPONSE_TRUNCATED` for bytes that are no message */
  constructor(bytes: Uint8Array) {
    this.#values = parse(bytes);
  }

  has(field: number): boolean {
    return this.#values.has(field);
  }

  /** Views of the bytes that were given, not copies. */
  allBytes(field: number): Uint8Array[] {
    return (this.#values.get(field) ?? []).filter((value) => typeof value !== "bigint");
  }

  bytes(field: number): Uint8Array | undefined {
    return this.allBytes(field).at(-1);
  }

  texts(field: number): string[] {
    return this.allBytes(field).map(decode);
  }

  text(field: number): string | undefined {
    const value = this.bytes(field);
    return value === undefined ? undefined : decode(value);
  }

  messages(field: number): MessageFields[] {
    return this.allBytes(field).map((value) => new MessageFields(value));
  }

  message(field: number): MessageFields | undefined {
    return this.messages(field).at(-1);
  }

  /** A signed whole number; exact up to 2^53. */
  whole(field: number): number | undefined {
    const value = this.#values.get(field)?.at(-1);
    return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : undefined;
  }

  /** `false` where the field is not there, as the format says. */
  flag(field: number): boolean {
    return (this.whole(field) ?? 0) !== 0;
  }

  textMap(field: number): Record<string, string> {
    return Object.fromEntries(this.messages(field).map((entry) => [entry.text(1) ?? "", entry.text(2) ?? ""]));
  }
}

function parse(bytes: Uint8Array): Map<number, (Uint8Array | bigint)[]> {
  const values = new Map<number, (Uint8Array | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw malformed();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed();
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw malformed();
    return bytes.subarray(at, (at += length));
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = readValue(tag & 7, varint, take);
    const known = values.get(tag >>> 3);
    if (known === undefined) values.set(tag >>> 3, [value]);
    else known.push(value);
  }
  return values;
}

function readValue(kind: number, varint: () => bigint, take: (length: number) => Uint8Array): Uint8Array | bigint {
  if (kind === 0) return varint();
  if (kind === 1) return take(8);
  if (kind === 2) return take(Number(varint()));
  if (kind === 5) return take(4);
  throw malformed();
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function malformed(): MillraceError {
  return new MillraceError("RESPONSE_TRUNCATED", "a message of Spark Connect does not follow its format, or was cut", {
    hint: "look whether the address is that of Spark Connect and not of another service",
  });
}
