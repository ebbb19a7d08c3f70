// Makes zip archives, with the mistakes that a test asks for.
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: deflated. */
  readonly isStored?: boolean;
  readonly isEncrypted?: boolean;
  readonly method?: number;
  /** Default: the right one. */
  readonly crc?: number;
}

/** @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function makeZip(parts: readonly ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    const data = part.isStored === true ? Buffer.from(part.bytes) : deflateRawSync(part.bytes);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(part.isEncrypted === true ? 0x801 : 0x800, 2);
    facts.writeUInt16LE(part.method ?? (part.isStored === true ? 0 : 8), 4);
    facts.writeUInt32LE(part.crc ?? crc32(part.bytes), 10);
    facts.writeUInt32LE(data.length, 14);
    facts.writeUInt32LE(part.bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), facts, name, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), facts, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\u0005\u0006"), end]);
}
