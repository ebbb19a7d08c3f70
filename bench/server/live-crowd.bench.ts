// The same as live-updates with five times the clients, whose own processes take most of a small machine.
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { measureLive, measureRaw, toMeasures } from "./live-updates.bench.ts";

const clients = 10_000;
/** At 200 runs a second all messages together would be two gigabytes a second. */
const rate = 20;

export const bench: Bench = {
  name: "live-crowd",
  hasServer: true,
  description: `10,000 clients of one server that all follow every run, while ${rate} runs a second finish, beside a bare \`ws\` server that sends as many bytes`,
  async run() {
    await using folder = await createBenchFolder();
    const raw = await measureRaw(clients, rate);
    const live = await measureLive(join(folder.path, "crowd.db"), clients, rate);
    return toMeasures(`10,000 clients, ${rate} runs a second, SQLite`, live, raw, false);
  },
};
