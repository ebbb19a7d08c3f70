// Remembers which runs are inside a pipeline that is itself inside another, because events name only their parent and
// their root.
import type { Topic } from "../../api/event-message.ts";
import { parseRunId, type RunId } from "../../core/run-id.ts";
import type { FeedStore } from "../../store/feed/feed-store.ts";
import type { RecordStore } from "../../store/record/record-store.ts";

interface Tree {
  readonly topic: Topic;
  readonly runIds: Set<RunId>;
  /** Clients that follow it. */
  followers: number;
  readonly loaded: Promise<void>;
}

const pageSize = 5_000;

/** Trees that somebody follows. */
export class RunTrees {
  readonly #store: Pick<FeedStore & RecordStore, "findRun" | "readFeed">;
  readonly #trees = new Map<RunId, Tree>();

  constructor(store: Pick<FeedStore & RecordStore, "findRun" | "readFeed">) {
    this.#store = store;
  }

  /** Resolves when the runs inside are known; those of a root need not be. Call `leave` as often. */
  async join(topic: Topic): Promise<void> {
    const runId = runOf(topic);
    if (runId === undefined) return;
    const known = this.#trees.get(runId);
    if (known !== undefined) {
      known.followers += 1;
      await known.loaded;
      return;
    }
    const runIds = new Set([runId]);
    const tree: Tree = { topic, runIds, followers: 1, loaded: this.#load(runId, runIds) };
    this.#trees.set(runId, tree);
    await tree.loaded;
  }

  leave(topic: Topic): void {
    const runId = runOf(topic);
    const tree = runId === undefined ? undefined : this.#trees.get(runId);
    if (runId === undefined || tree === undefined) return;
    tree.followers -= 1;
    if (tree.followers === 0) this.#trees.delete(runId);
  }

  /** Whether the run is inside a pipeline that somebody follows. */
  has(top: RunId, runId: RunId): boolean {
    return this.#trees.get(top)?.runIds.has(runId) ?? false;
  }

  /** Takes note of a run that may be new. */
  observe({ runId, rootRunId, parentRunId }: { runId: RunId; rootRunId: RunId; parentRunId: RunId | undefined }): void {
    if (parentRunId === undefined || parentRunId === rootRunId) return;
    for (const { runIds } of this.#trees.values()) if (runIds.has(parentRunId)) runIds.add(runId);
  }

  /** Topics of the trees that hold a run, other than its own and its root's. */
  topicsOf({ runId, rootRunId }: { runId: RunId; rootRunId: RunId }): Topic[] {
    if (runId === rootRunId || this.#trees.size === 0) return [];
    const topics: Topic[] = [];
    for (const [top, { topic, runIds }] of this.#trees) {
      if (top !== runId && top !== rootRunId && runIds.has(runId)) topics.push(topic);
    }
    return topics;
  }

  // Every run has the event of its submission.
  async #load(runId: RunId, runIds: Set<RunId>): Promise<void> {
    const run = await this.#store.findRun(runId);
    if (run === undefined || run.kind !== "pipeline" || run.parentRunId === undefined) return;
    for (let position = "0"; ;) {
      const page = await this.#store.readFeed(position, { limit: pageSize, scope: { rootRunId: runId } });
      for (const event of page.events) runIds.add(event.runId);
      if (page.isEnd) return;
      position = page.position;
    }
  }
}

/** The run that a topic names. */
export function runOf(topic: Topic): RunId | undefined {
  return topic.startsWith("run:") ? parseRunId(topic.slice("run:".length)) : undefined;
}
