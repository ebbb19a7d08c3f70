// Whether those who work through a topic now notice that what lay there before is replayed beside them.
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { recordsFor } from "./keyed-events.ts";
import { runSide, type StreamSide } from "./stream-side.ts";

const perSecond = 10_000;
/** More than is replayed while the live ones come. */
const history = 4_000_000;

export const bench: Bench = {
  name: "stream-replay",
  description:
    "the delay of records that come at 10,000 a second, while another worker replays the 4,000,000 before them, and while none does; on SQLite",
  async run() {
    await using folder = await createBenchFolder();
    const side = async (scenario: string): Promise<StreamSide> => {
      const place = join(folder.path, randomUUID());
      await mkdir(place);
      const count = recordsFor(6 * perSecond);
      const input = { address: join(place, "store.db"), folder: place, count, perSecond, history };
      return runSide(scenario, input, { records: count });
    };
    const beside: StreamSide[] = [];
    const alone: StreamSide[] = [];
    await takeTurns(
      {
        beside: async () => beside.push(await side("lag_beside_replay")),
        alone: async () => alone.push(await side("lag")),
      },
      { warmUps: 0, repetitions: 3 },
    );
    const name = "the same without a replay";
    return [
      {
        name: "p50 of the delay beside a replay",
        unit: "ms",
        ours: beside.map(({ p50Ms = Number.NaN }) => p50Ms),
        peer: { name, values: alone.map(({ p50Ms = Number.NaN }) => p50Ms) },
        target: { kind: "ratio", atMost: 1.5 },
      },
      {
        name: "p99 of the delay beside a replay",
        unit: "ms",
        ours: beside.map(({ p99Ms = Number.NaN }) => p99Ms),
        peer: { name, values: alone.map(({ p99Ms = Number.NaN }) => p99Ms) },
      },
    ];
  },
};
