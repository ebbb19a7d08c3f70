// A process of tests in the place of one on an executor: it finds the functions by their name, without a bundle.
import { fileURLToPath } from "node:url";
import { serveExecutor } from "../../../src/compute/spark/executors/serve-executor.ts";
import { type MapCodeName, mapCodes } from "./map-codes.ts";

await serveExecutor({
  file: fileURLToPath(import.meta.url),
  load: ({ job }) => Promise.resolve({ ...mapCodes[job as MapCodeName], job }),
});
