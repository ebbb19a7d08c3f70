// Holds the model of the run page and tells each view when what it looks at changed: 200 events a second to one run in a graph of
// 2,000 draw that one node. Answers that were on their way while messages came are joined with them exactly.
import type { ServerMessage } from "../../api/event-message.ts";
import type { Run, RunDetail, RunGraph } from "../../api/run.ts";
import {
  applyGraph,
  applyMessages,
  applyRun,
  emptyModel,
  forgetSeen,
  type LiveRun,
  type RunModel,
} from "./run-model.ts";

/** The state of one page; it is made anew for another run. */
export class RunStore {
  readonly runId: string;
  #model: RunModel = emptyModel;
  readonly #listeners = new Set<() => void>();
  readonly #runListeners = new Map<string, Set<() => void>>();
  /** Messages since each question that is not answered yet was asked. */
  readonly #questions = new Set<ServerMessage[]>();

  constructor(runId: string) {
    this.runId = runId;
  }

  /** The same object until something changed. */
  readonly readModel = (): RunModel => this.#model;

  readonly readRun = (id: string): LiveRun | undefined => this.#model.runs.get(id);

  /** Calls the listener after any change. @returns what ends that */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Calls the listener after changes of one run. */
  subscribeRun(id: string, listener: () => void): () => void {
    const listeners = this.#runListeners.get(id) ?? new Set();
    this.#runListeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#runListeners.delete(id);
    };
  }

  /** Messages of one frame of the screen, in their order. */
  push(messages: readonly ServerMessage[]): void {
    for (const question of this.#questions) question.push(...messages);
    const { model, changed } = applyMessages(this.#model, messages);
    this.#replace(model, changed);
  }

  /** Asks for the graph, and applies to the answer what was heard since the question. @throws what `ask` throws */
  async load(ask: () => Promise<RunGraph>): Promise<RunGraph> {
    const heard: ServerMessage[] = [];
    const asked = this.#model;
    this.#questions.add(heard);
    try {
      const graph = await ask();
      const answered = forgetSeen(applyGraph(this.#model, graph), asked, heard);
      const fresh = applyMessages(answered, heard).model;
      this.#replace(fresh, new Set(fresh.runs.keys()));
      return graph;
    } finally {
      this.#questions.delete(heard);
    }
  }

  /** The run itself, as the server tells it in whole. One that is older than what was heard is passed over. */
  loadDetail(detail: RunDetail): void {
    this.#replace(applyRun(this.#model, detail), new Set([detail.run_id]));
  }

  /** Runs of a list, those that are not known yet: messages patch them from here on. */
  loadRuns(runs: readonly Run[]): void {
    const unknown = runs.filter(({ run_id: id }) => !this.#model.runs.has(id));
    this.#replace(unknown.reduce(applyRun, this.#model), new Set(unknown.map(({ run_id: id }) => id)));
  }

  #replace(model: RunModel, changed: ReadonlySet<string>): void {
    if (model === this.#model) return;
    this.#model = model;
    for (const id of changed) for (const listener of this.#runListeners.get(id) ?? []) listener();
    for (const listener of this.#listeners) listener();
  }
}
