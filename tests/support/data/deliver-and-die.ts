// A process that moves files as they are and is killed at a named moment, or by whoever watches it:
// node deliver-and-die.ts <root> <connections as JSON> <save as JSON> <failpoint> <occurrence>
import { flushCompileCache } from "node:module";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import type { ConnectionOptions } from "../../../src/core/connection/connection-options.ts";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import type { SaveOptions } from "../../../src/data/sources/save/options.ts";
import { openConnections } from "../files/file-services.ts";
import { DataProject } from "./data-project.ts";

/** The files of `in` of a project. */
export function deliverRequest(save: SaveOptions): NamedRequest {
  return { source: { file: { path: "in/**", format: "file", save } }, output: { dataset: "moved" } };
}

if (process.argv[1] === import.meta.filename) {
  const [, , root = "", declared = "{}", save = "{}", failpoint, occurrence] = process.argv;
  const connections = openConnections(JSON.parse(declared) as Readonly<Record<string, ConnectionOptions>>);
  lendFileServices((name) => connections.files(name));
  let left = Number(occurrence);
  await DataProject.open(root).publish(deliverRequest(JSON.parse(save) as SaveOptions), {
    runId: 1,
    failpoint(name) {
      if (name === failpoint) left -= 1;
      if (name !== failpoint || left > 0) return;
      flushCompileCache();
      process.kill(process.pid, "SIGKILL");
    },
  });
}
