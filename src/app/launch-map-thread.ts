// Starts threads that load the file of a job, for work that its functions do in several at once.
import type { LaunchMapThread } from "../compute/mapreduce/threads/thread-protocol.ts";
import { threadEntry } from "../core/thread-entry.ts";
import type { JobLocation } from "../orchestrator/attempt/job-registry.ts";
import { createLocalLauncher } from "../platforms/local/local-launcher.ts";

/** The first message to such a thread. */
export interface LoadMessage {
  readonly type: "load";
  readonly job: string;
  readonly location: JobLocation;
}

/** Each thread has the job loaded anew, as the file is now. */
export function createMapThreadLauncher(job: string, location: JobLocation): LaunchMapThread {
  const launcher = createLocalLauncher({ entry: threadEntry("app/map-reduce-thread") });
  return (onMessage) => {
    const thread = launcher.launch({ mode: "thread", name: `map ${job}`, onMessage });
    thread.send({ type: "load", job, location } satisfies LoadMessage);
    return { send: (message) => thread.send(message), kill: () => thread.kill("now"), ended: thread.ended };
  };
}
