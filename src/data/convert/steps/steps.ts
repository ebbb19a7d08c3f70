// The kinds of steps that rows can take: one line each, and everything about a kind is in its file.
// In the order of the alphabet, which is that of a module's exports.
export { batch } from "./batch.ts";
export { cast } from "./cast.ts";
export { decrypt } from "./decrypt.ts";
export { dedupe } from "./dedupe.ts";
export { derive } from "./derive.ts";
export { drop } from "./drop.ts";
export { encrypt } from "./encrypt.ts";
export { explode } from "./explode.ts";
export { filter } from "./filter.ts";
export { flatten } from "./flatten.ts";
export { map } from "./map.ts";
export { mapBatch } from "./map-batch.ts";
export { mask } from "./mask.ts";
export { ranges } from "./ranges.ts";
export { reencrypt } from "./encrypt.ts";
export { rename } from "./rename.ts";
export { select } from "./select.ts";
export { sql } from "./sql.ts";
export { validate } from "./validate.ts";
export { wrap } from "./wrap.ts";
