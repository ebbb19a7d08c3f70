// Replays of the fixture server: one of each kind that looks different.
import type { ReplayView } from "../../../src/api/streams/replay.ts";
import { minutesAgo } from "./web-fixture-time.ts";

const replay = {
  job_name: "dashboard",
  with_effects: false,
  swap: false,
  run_id: null,
  eta: null,
  outputs: [{ dataset: "sales", replay_dataset: "sales__replay_3" }],
  created_by: "ada",
  ended_at: null,
  error: null,
} as const;

export const replays: readonly ReplayView[] = [
  {
    ...replay,
    replay: "dashboard@replay-3",
    state: "running",
    done: 812_000,
    total: 1_204_332,
    eta: minutesAgo(-4),
    ranges: [{ topic: "orders", partition: 0, from: 0, to: 1_204_332, offset: 812_000 }],
    swap: true,
    created_at: minutesAgo(9),
  },
  {
    ...replay,
    replay: "dashboard@replay-2",
    state: "ready",
    done: 1_100_000,
    total: 1_100_000,
    ranges: [{ topic: "orders", partition: 0, from: 0, to: 1_100_000, offset: 1_100_000 }],
    outputs: [{ dataset: "sales", replay_dataset: "sales__replay_2" }],
    created_at: minutesAgo(300),
    ended_at: minutesAgo(270),
  },
  {
    ...replay,
    replay: "recommend@replay-1",
    job_name: "recommend",
    state: "failed",
    done: 10,
    total: 90_000,
    ranges: [{ topic: "orders", partition: 0, from: 0, to: 90_000, offset: 10 }],
    run_id: "r4100",
    outputs: [],
    created_at: minutesAgo(900),
    ended_at: minutesAgo(890),
    error: "worker lost",
  },
];
