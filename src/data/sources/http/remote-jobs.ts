// The remote jobs of all units of a source. Nothing is read before all of them are done, so that the run holds no worker meanwhile.
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { VariableValue, Variables } from "../../../core/dataset/variables.ts";
import { countOf } from "../../../core/count-of.ts";
import { listValues, printJson } from "../../requests/value-path.ts";
import { nameOf, type Progress, type RemoteJob, type RemoteService, type RemoteUnit, type Turn } from "./remote-job.ts";

export interface AwaitJobsOptions {
  /** Where the status has the addresses of results. */
  readonly results: string | undefined;
  /** Whether each is an address, which may be a relative one. */
  readonly isAddress: boolean;
  /** Jobs that the service works on at once. */
  readonly limit: number;
  /** Whether a unit that fails fails all of them. */
  readonly isWhole: boolean;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** What is to be read of a unit. */
export interface RemoteResults {
  /** Of each result, with `remote`. */
  readonly variables: readonly Variables[];
  /** The origin that knows the credentials. */
  readonly ownOrigin: string;
}

/** The jobs of all units, each of which is done or has failed. */
export class RemoteJobs {
  readonly #service: RemoteService;
  readonly #options: AwaitJobsOptions;
  readonly #done = new Map<string, { readonly job: RemoteJob; readonly results: RemoteResults }>();
  readonly #failures = new Map<string, MillraceError>();
  /** What those say that the service works on. */
  readonly #working: string[] = [];
  #waiting = 0;

  constructor(service: RemoteService, options: AwaitJobsOptions) {
    this.#service = service;
    this.#options = options;
  }

  /**
   * Goes on with the jobs that were created, and creates others as far as the limit lets it.
   * @throws MillraceError `SOURCE_PENDING` unless all are done
   */
  async advance(units: readonly RemoteUnit[]): Promise<void> {
    const missing: (readonly [RemoteUnit, Turn])[] = [];
    for (const unit of units) {
      const turn = await this.#guard(unit, async () => {
        const job = await this.#service.find(unit);
        return job === undefined ? "first" : await this.#look(job);
      });
      if (turn !== undefined) missing.push([unit, turn]);
    }
    for (const [unit, turn] of missing) {
      if (this.#working.length >= this.#options.limit) this.#waiting += 1;
      else await this.#guard(unit, async () => await this.#begin(unit, turn));
    }
    if (this.#working.length > 0) throw this.#pending(units.length);
  }

  /** @throws MillraceError that its job has failed with */
  resultsOf(unit: string): RemoteResults {
    const failure = this.#failures.get(unit);
    if (failure !== undefined) throw failure;
    const found = this.#done.get(unit);
    if (found === undefined) throw new MillraceError("INTERNAL", `unit \`${unit}\` has no remote job`);
    return found.results;
  }

  /** Results that are gone: the job is created again, once. @throws MillraceError `SOURCE_PENDING` | `REMOTE_JOB_EXPIRED` */
  async expire(unit: string): Promise<never> {
    const found = this.#done.get(unit);
    if (found === undefined || found.job.turn === "again") throw expiredTwice(unit);
    await this.#service.create(found.job.unit, "again");
    throw new MillraceError(
      "SOURCE_PENDING",
      `${nameOf(found.job.unit)}the results were gone, the job is created again`,
    );
  }

  async #begin(unit: RemoteUnit, turn: Turn): Promise<void> {
    const job = await this.#service.create(unit, turn);
    const next = await this.#look(job);
    // gone as soon as it was there
    if (next !== undefined) await this.#begin(unit, next);
  }

  /** @returns the turn that is to be created in the place of one that has expired */
  async #look(job: RemoteJob): Promise<Turn | undefined> {
    const { key } = job.unit;
    const progress = await this.#service.ask(job);
    if (progress.state === "works") this.#working.push(`${nameOf(job.unit)}${progress.shown}`);
    if (progress.state === "done")
      this.#done.set(key, { job: progress.job, results: toResults(progress, this.#options) });
    if (progress.state !== "expired") return undefined;
    if (job.turn === "again") throw expiredTwice(key);
    return "again";
  }

  /** A unit that fails leaves the others, unless all are to fail. */
  async #guard<T>({ key }: RemoteUnit, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const { signal, now, isWhole } = this.#options;
      signal.throwIfAborted();
      const error = classifyError(thrown, now());
      if (isWhole) throw error;
      this.#failures.set(key, error);
      return undefined;
    }
  }

  #pending(count: number): MillraceError {
    const shown = this.#working.slice(0, 3).join("; ");
    const more = this.#working.length > 3 ? " and others" : "";
    const waiting = this.#waiting === 0 ? "" : `, and ${countOf(this.#waiting, "unit")} waits for its turn`;
    const what = `the service works on ${this.#working.length} of ${countOf(count, "remote job")}: ${shown}${more}${waiting}`;
    return new MillraceError("SOURCE_PENDING", what);
  }
}

function expiredTwice(unit: string): MillraceError {
  const message = `${nameOf({ key: unit, variables: {} })}the remote job has expired twice`;
  return new MillraceError("REMOTE_JOB_EXPIRED", message, {
    hint: "ask more often with a shorter `wait.every`, look how long the service keeps results, and whether `remote.status` asks for the right job",
  });
}

/** @throws MillraceError `SOURCE_UNREADABLE` when a job is done and its results are not there, or come twice */
function toResults(
  { job, answer }: Extract<Progress, { readonly state: "done" }>,
  { results: path, isAddress }: AwaitJobsOptions,
): RemoteResults {
  const ownOrigin = new URL(answer.url).origin;
  if (path === undefined) return { variables: [job.variables], ownOrigin };
  const found = listValues(answer.body, path)?.map((one) => (isAddress ? resolve(one, answer.url) : one));
  const problem = found === undefined ? "is not there" : findProblem(found);
  if (problem !== undefined) {
    const message = `${nameOf(job.unit)}the remote job is done, and \`${path}\`, where its results are, ${problem}`;
    throw new MillraceError("SOURCE_UNREADABLE", message, {
      hint: "compare the answer with `remote.results` of the source",
    });
  }
  const known = job.variables["remote"] as Variables;
  const variables = (found ?? []).map((result) => ({ ...job.variables, remote: { ...known, result } }));
  return { variables, ownOrigin };
}

/** As in a link of the answer. */
function resolve(address: VariableValue, from: string): VariableValue {
  return typeof address === "string" && address !== "" ? (URL.parse(address, from)?.href ?? address) : address;
}

function findProblem(found: readonly VariableValue[]): string | undefined {
  const wrong = found.find((one) => one === "" || (typeof one !== "string" && typeof one !== "number"));
  if (wrong !== undefined) return `holds what is no address: \`${printJson(wrong).slice(0, 100)}\``;
  const twice = found.find((one, index) => found.indexOf(one) !== index);
  return twice === undefined ? undefined : "names a result twice";
}
