// What interrupted publications leave behind a connection: unfinished uploads, and what is known of a file that never came.
import { z } from "zod";
import type { Intent, Leftovers } from "../../target.ts";
import { columnFileOf } from "../column-file.ts";
import type { FileTable } from "../file-table.ts";
import { parsePlace, recordedPlace, type RemotePlace } from "../../files/recorded-place.ts";
import { serviceOf } from "./remote-place.ts";

export interface RemoteIntent extends Intent {
  /** The run. */
  readonly owner: string;
}

/** The leftovers of a format of this machine, and those of the same format elsewhere. */
export function withRemoteLeftovers<Local extends Intent>(
  { format }: FileTable,
  local: Leftovers<Local>,
): Leftovers<Local | RemoteIntent> {
  const schema = z.strictObject({
    format: z.literal(format),
    path: recordedPlace,
    owner: z.string().regex(/^r\d+-[0-9a-z]+$/),
  });
  return {
    schema: z.union([local.schema, schema]) as z.ZodType<Local | RemoteIntent>,
    clear: async (intent) => {
      const place = parsePlace(intent.path);
      if (place === undefined) await local.clear(intent as Local);
      else await clearRemote(place, (intent as RemoteIntent).owner);
    },
    list: async (intent) => {
      const place = parsePlace(intent.path);
      if (place === undefined) return await local.list(intent as Local);
      return (await isLonely(place)) ? [columnFileOf(intent.path)] : [];
    },
  };
}

async function clearRemote(place: RemotePlace, owner: string): Promise<void> {
  const service = await serviceOf(place);
  const columns = columnFileOf(place.path);
  for (const path of [place.path, columns]) await service.clearUnfinished(path, owner, {});
  if (await isLonely(place)) await service.remove(columns, {});
}

/** Whether there is a file of columns, and no file that has them. */
async function isLonely(place: RemotePlace): Promise<boolean> {
  const service = await serviceOf(place);
  if ((await service.find(place.path, {})) !== undefined) return false;
  return (await service.find(columnFileOf(place.path), {})) !== undefined;
}
