// A connection as a place for files: its service puts each there in one step, and says what it has.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { RemoteFile, FileService } from "../../connections/files/file-service.ts";
import { makeFolder } from "../files/file-system.ts";
import type { Delivery, FilePlace, OutgoingFile } from "./delivery.ts";
import { hashFile } from "./hash-file.ts";

/** @param service the lender's to close */
export function createServicePlace(service: FileService): FilePlace {
  return {
    print: (to) => service.place(to),
    absolute: (to) => to,
    // only the service knows what it has room for
    assertSpace: async () => undefined,
    async look(file, delivery) {
      const found = await service.find(file.to, delivery);
      if (found === undefined) return "nothing";
      if (found.size !== file.size) return "other";
      return found.version === file.md5 || (await hasBytes(service, found, file, delivery)) ? "same" : "other";
    },
    async put({ path, to }, isReplacing, delivery) {
      const { owner, signal } = delivery;
      const over = isReplacing ? {} : ({ over: "absent" } as const);
      await service.upload(path, to, { owner, signal, onReady: () => delivery.assertHeld(), ...over });
    },
  };
}

/** Where the service does not tell by its version what the bytes are. */
async function hasBytes(
  service: FileService,
  found: RemoteFile,
  { sha256 }: OutgoingFile,
  { folder, signal }: Delivery,
): Promise<boolean> {
  const copy = join(folder, `${randomUUID()}.there`);
  await makeFolder(folder);
  try {
    await service.download(found, copy, { signal });
    return (await hashFile(copy)).sha256 === sha256;
  } finally {
    await rm(copy, { force: true });
  }
}
