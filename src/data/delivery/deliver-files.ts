// Puts files elsewhere, each in one step. What is there already with the same bytes stays, so that an attempt that comes again adds
// nothing; what is there with others is told before the first file is put.
import { findFileService } from "../../connections/files/find-file-service.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { inParallel } from "../in-parallel.ts";
import type { Delivery, FilePlace, OutgoingFile } from "./delivery.ts";
import { type DeliveryIntent, deliveryFormat } from "./delivery-leftovers.ts";
import { createLocalPlace } from "./local-place.ts";
import { createServicePlace } from "./service-place.ts";

export interface DeliveryOptions {
  /** Default: this machine. */
  readonly connection?: string | undefined;
  /** Whether other files that are there are replaced. */
  readonly isReplacing: boolean;
}

/** Files that are looked at, or put, at once. */
const parallel = 4;

/** @throws MillraceError `FILES_COLLIDE` naming the file, and what `FilePlace.put` throws */
export async function deliverFiles(
  files: readonly OutgoingFile[],
  { connection, isReplacing }: DeliveryOptions,
  delivery: Delivery,
): Promise<void> {
  assertApart(files);
  const place =
    connection === undefined ? createLocalPlace(delivery.paths) : createServicePlace(await findFileService(connection));
  const wanted = await findWanted(files, isReplacing, place, delivery);
  if (wanted.length === 0) return;
  await place.assertSpace(wanted);
  const intent: DeliveryIntent = {
    format: deliveryFormat,
    path: place.absolute(""),
    ...(connection === undefined ? {} : { connection }),
    owner: delivery.owner,
    files: wanted.map(({ to }) => place.absolute(to)),
  };
  await delivery.intend(intent);
  await delivery.failpoint("delivery:intended");
  let done = 0;
  await inParallel(wanted, parallel, async (file) => {
    await place.put(file, isReplacing, delivery);
    done += 1;
    delivery.operation(`putting files: ${done} of ${wanted.length}`);
    await delivery.failpoint("delivery:put");
  });
}

/** Two files of one name would leave one of them. */
function assertApart(files: readonly OutgoingFile[]): void {
  const taken = new Map<string, string>();
  for (const { to, name } of files) {
    const other = taken.get(to);
    if (other !== undefined) {
      throw new MillraceError("FILES_COLLIDE", `\`${other}\` and \`${name}\` would both be \`${to}\``, {
        hint: "let `name` of `save` tell them apart, with a variable of the unit or of the page, or say with `from` which folders names keep",
      });
    }
    taken.set(to, name);
  }
}

/** Those that are not there yet. */
async function findWanted(
  files: readonly OutgoingFile[],
  isReplacing: boolean,
  place: FilePlace,
  delivery: Delivery,
): Promise<readonly OutgoingFile[]> {
  const found = await inParallel(files, parallel, (file) => place.look(file, delivery));
  const other = files.find((_file, index) => found[index] === "other");
  if (other !== undefined && !isReplacing) {
    throw new MillraceError(
      "FILES_COLLIDE",
      `\`${place.print(other.to)}\` is there with other bytes than \`${other.name}\``,
      {
        hint: 'move it away, let `name` of `save` tell them apart, or set `over: "replace"`',
      },
    );
  }
  return files.filter((_file, index) => found[index] !== "same");
}
