// The project whose workers are killed: records are fed into a topic, doubled into another one, and published from there in batches.
import { writeInsideProject } from "../../support/cli/inside-project.ts";

/** How many keys the records have. */
const keyCount = 23;

/** Where the rows of the batches come to lie, in the folder of the project. */
export const targetPaths = { delta: "out/delta", sqlite: "out/doubled.sqlite" } as const;

/** Of each topic. */
export const partitions = 4;

/** Records that are fed in one call. */
const fedAtOnce = 2_000;

export interface StreamKillProject {
  readonly batchRecords: number;
  /** Text of the target beside the Delta table. */
  readonly target: string;
  /** Text of `streams` in the configuration. */
  readonly streams: string;
}

const topics = `import { defineTopic, z } from "millrace";
export const numbers = defineTopic({
  name: "numbers", partitions: ${partitions}, schema: z.object({ key: z.string(), n: z.number() }), key: ({ key }) => key,
});
export const doubled = defineTopic({
  name: "doubled", partitions: ${partitions}, schema: z.object({ key: z.string(), n: z.number(), twice: z.number() }), key: ({ key }) => key,
});
`;

const feed = `import { defineJob, z } from "millrace";
import { numbers } from "../topics.ts";
export default defineJob({
  name: "feed",
  params: z.object({ from: z.int(), count: z.int() }),
  retry: { maxRetries: 20, baseDelay: "100ms" },
  execute: async (ctx) => {
    const { from, count } = ctx.params;
    for (let at = from; at < from + count; at += ${fedAtOnce}) {
      const values = Array.from({ length: Math.min(${fedAtOnce}, from + count - at) }, (_, index) => at + index);
      await ctx.produce(numbers, values.map((n) => ({ key: \`k\${n % ${keyCount}}\`, n })), { name: \`from \${at}\` });
    }
  },
});
`;

const double = `import { streamJob } from "millrace";
import { doubled, numbers } from "../topics.ts";
export default streamJob({
  name: "double",
  topic: numbers,
  produces: [doubled],
  replicas: 2,
  lanes: 4,
  handle: ({ key, n }, ctx) => ctx.produce(doubled, [{ key, n, twice: n * 2 }]),
});
`;

const keep = ({ batchRecords, target }: StreamKillProject): string => `import { streamJob } from "millrace";
import { doubled } from "../topics.ts";
export default streamJob({
  name: "keep",
  topic: doubled,
  batch: { records: ${batchRecords}, age: "2s" },
  retry: { maxRetries: 20, baseDelay: "100ms" },
  handle: async (batch, ctx) => {
    await ctx.data.publish({
      sql: "select key, n, twice, _partition, _offset from batch",
      output: {
        dataset: "doubled_rows",
        mode: "append",
        delta: { path: "${targetPaths.delta}" },
        ${target},
      },
    });
  },
});
`;

const config = ({ streams }: StreamKillProject): string => `import { defineProject } from "millrace";
export default defineProject({ slots: 2, compute: { threads: 1, memoryLimit: "256MB" }, streams: ${streams} });
`;

/** Makes the project. @returns its folder, which whoever asked removes */
export function writeStreamKillProject(project: StreamKillProject): Promise<string> {
  return writeInsideProject({
    "millrace.config.ts": config(project),
    "topics.ts": topics,
    "jobs/feed.ts": feed,
    "jobs/double.ts": double,
    "jobs/keep.ts": keep(project),
  });
}
