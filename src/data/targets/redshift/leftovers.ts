// What publications put into a bucket for the cluster to read. It is of use to one attempt only and goes when that is over, published or
// not; what an attempt leaves that was killed goes with its journal.
import { z } from "zod";
import type { Intent, Leftovers } from "../../target.ts";
import { parsePlace, type RemotePlace } from "../../files/recorded-place.ts";
import { serviceOf } from "../remote/remote-place.ts";

export const rowsName = "rows.parquet";
export const manifestName = "manifest.json";

export interface StagedIntent extends Intent {
  /** The run. */
  readonly owner: string;
}

const keyPattern = /(?:^|\/)r\d+-[0-9a-z]+-[0-9a-f]{16}$/;

export const redshiftLeftovers: Leftovers<StagedIntent> = {
  schema: z
    .strictObject({ format: z.literal("redshift"), path: z.string(), owner: z.string().regex(/^r\d+-[0-9a-z]+$/) })
    .refine(({ path, owner }) => {
      const place = parsePlace(path);
      return place !== undefined && keyPattern.test(place.path) && place.path.includes(`${owner}-`);
    }),
  async clear({ path, owner }) {
    const place = requirePlace(path);
    const service = await serviceOf(place);
    for (const key of keysOf(place)) {
      await service.clearUnfinished(key, owner, {});
      await service.remove(key, {});
    }
  },
  async list({ path }) {
    const place = requirePlace(path);
    const service = await serviceOf(place);
    const found = await Promise.all(keysOf(place).map((key) => service.find(key, {})));
    return found.flatMap((file) => (file === undefined ? [] : [service.place(file.path)]));
  },
};

function keysOf({ path }: RemotePlace): readonly string[] {
  return [rowsName, manifestName].map((name) => `${path}/${name}`);
}

function requirePlace(path: string): RemotePlace {
  return parsePlace(path) ?? { connection: "", path: "" };
}
