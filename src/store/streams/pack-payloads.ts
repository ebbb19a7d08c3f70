// Several payloads as one value of a statement, so that how many statements there are does not grow with the rows.
// A row of `(rows ?)` names its own with `at` and `size`, and `substr` cuts it out again in the database.

/** Where a payload lies among the packed ones, as `substr` counts: from 1. */
export interface PackedPlace {
  readonly at: number;
  readonly size: number;
}

/** The column of the row `r` whose payload it is; its parameter is `bytes`. */
export const packedPayload = "substr((bytes ?), cast(r.value ->> 'at' as int), cast(r.value ->> 'size' as int))";

export function packPayloads(payloads: readonly Uint8Array[]): { bytes: Uint8Array; places: readonly PackedPlace[] } {
  const places: PackedPlace[] = [];
  let at = 1;
  for (const { byteLength: size } of payloads) {
    places.push({ at, size });
    at += size;
  }
  const [only] = payloads;
  return { bytes: payloads.length === 1 && only !== undefined ? only : Buffer.concat(payloads), places };
}
