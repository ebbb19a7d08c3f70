// Stream jobs for tests of isolation and of processes that die.
import type { Job } from "../../../src/core/job/job.ts";
import { defineTopic, type Topic } from "../../../src/core/stream/topic.ts";
import { joinJob } from "../../../src/stream/jobs/join-job.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";

export interface Task {
  readonly key: string;
  readonly n: number;
}

export const tasks: Topic<"tasks", Task, Task> = defineTopic({
  name: "tasks",
  partitions: 2,
  key: ({ key }: Task) => key,
});
export const results: Topic<"results", Task, Task> = defineTopic({ name: "results", key: ({ key }: Task) => key });

export const halves: Topic<"halves", Task, Task> = defineTopic({
  name: "halves",
  partitions: 2,
  key: ({ key }: Task) => key,
});

/** The task with this number ends its process. */
export const deadly = 7;

/** By where they execute: `inline`, `thread` or `process`. */
export function jobsIn(mode: string): readonly Job[] {
  const isolation = mode as Job["isolation"];
  return [
    streamJob({
      name: "work",
      topic: tasks,
      isolation,
      produces: [results],
      handle: (task, ctx) => ctx.produce(results, [task]),
    }),
    streamJob({
      name: "die",
      topic: tasks,
      isolation,
      produces: [results],
      deadLetter: { after: 3 },
      handle: (task, ctx) => {
        if (task.n === deadly) process.kill(process.pid, "SIGKILL");
        ctx.produce(results, [task]);
      },
    }),
    joinJob({
      name: "tie",
      by: "key",
      isolation,
      inputs: { task: tasks, half: halves },
      expire: "1h",
      deadLetter: { after: 3 },
      output: results,
      handle: ({ task }) => {
        if (task.n === deadly) process.kill(process.pid, "SIGKILL");
        return task;
      },
    }),
    streamJob({
      name: "crawl",
      topic: tasks,
      isolation,
      produces: [results],
      handle: async (task, ctx) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        ctx.produce(results, [task]);
      },
    }),
  ];
}
