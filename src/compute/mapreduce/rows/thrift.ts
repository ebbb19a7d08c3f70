// Thrift's compact protocol, as far as the footers and page headers of Parquet need it: values are described, then written in one go.

export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly ThriftValue[] }
  | { readonly struct: readonly ThriftField[] };

/** A field by its number; those of a struct are in the order of their numbers. */
export type ThriftField = readonly [id: number, value: ThriftValue];

const types = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const;
/** Steps between the numbers of two fields, and lengths of lists, that fit beside a type. */
const mostBesideType = 14;

/** The bytes of a struct. */
export function encodeThrift(fields: readonly ThriftField[]): Uint8Array {
  const bytes: number[] = [];
  putStruct(bytes, fields);
  return Uint8Array.from(bytes);
}

function putStruct(bytes: number[], fields: readonly ThriftField[]): void {
  let last = 0;
  for (const [id, value] of fields) {
    bytes.push(((id - last) << 4) | typeOf(value));
    putValue(bytes, value);
    last = id;
  }
  bytes.push(0);
}

function putValue(bytes: number[], value: ThriftValue): void {
  if ("struct" in value) return putStruct(bytes, value.struct);
  if ("list" in value) return putList(bytes, value.list);
  if ("text" in value) {
    const text = Buffer.from(value.text);
    putVarint(bytes, text.length);
    bytes.push(...text);
    return;
  }
  // zigzag; nothing that is written here is negative
  putVarint(bytes, ("i32" in value ? value.i32 : value.i64) * 2);
}

function putList(bytes: number[], list: readonly ThriftValue[]): void {
  const type = list[0] === undefined ? types.struct : typeOf(list[0]);
  if (list.length <= mostBesideType) {
    bytes.push((list.length << 4) | type);
  } else {
    bytes.push(0xf0 | type);
    putVarint(bytes, list.length);
  }
  for (const value of list) putValue(bytes, value);
}

function putVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function typeOf(value: ThriftValue): number {
  if ("struct" in value) return types.struct;
  if ("list" in value) return types.list;
  if ("text" in value) return types.text;
  return "i32" in value ? types.i32 : types.i64;
}
