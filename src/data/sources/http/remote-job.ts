// Work that a service does for one unit: begun once in the life of a run, asked about, and deleted. What began it is in the ledger,
// so that a later attempt goes on with the job that an earlier one has created.
import type { VariableValue, Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { RemoteIdOptions, RemoteOptions, RemoteStatusOptions } from "./request-options.ts";
import type { RequestJournal } from "../../requests/request-journal.ts";
import { matchesBody } from "../../requests/response-rules.ts";
import { printJson, toValuePath, valueAt } from "../../requests/value-path.ts";
import type { HttpSourceOptions } from "./options.ts";
import { where } from "./prepare-requests.ts";
import { askStage, openStage, type Stage, type StageAnswer, type StageContext } from "./stage-answer.ts";

/** The unit that a remote job is for. */
export interface RemoteUnit {
  readonly key: string;
  readonly variables: Variables;
}

/** The first job of a unit, or the one in the place of a first that has expired. */
export type Turn = "first" | "again";

export interface RemoteJob {
  readonly unit: RemoteUnit;
  readonly turn: Turn;
  /** Those of the unit, and `remote`. */
  readonly variables: Variables;
}

/** How a job is. */
export type Progress =
  /** @property shown what it says of itself */
  | { readonly state: "works"; readonly shown: string }
  | { readonly state: "done"; readonly job: RemoteJob; readonly answer: StageAnswer }
  | { readonly state: "expired" };

export interface RemoteServiceInput {
  readonly http: HttpSourceOptions;
  readonly remote: RemoteOptions;
  readonly baseUrl: string | undefined;
  readonly journal: RequestJournal;
  readonly context: StageContext;
}

/** The service that works. */
export class RemoteService {
  readonly #input: RemoteServiceInput;
  readonly #create: Stage;
  readonly #status: Stage;
  readonly #cleanup: Stage | undefined;

  /** @throws MillraceError `JOB_INVALID` */
  constructor(input: RemoteServiceInput) {
    this.#input = input;
    const { http, remote, baseUrl } = input;
    const named = (stage: string): string => `\`remote.${stage}\` of ${where}`;
    const noContent = [{ status: 204, then: "success" }] as const;
    const gone = [{ status: ["2xx", ...goneStatuses], then: "warn" }] as const;
    this.#create = openStage(http, remote.create, {
      usual: "POST",
      where: named("create"),
      baseUrl,
      responses: noContent,
    });
    this.#status = openStage(http, remote.status, { usual: "GET", where: named("status"), baseUrl, responses: [] });
    this.#cleanup =
      remote.cleanup &&
      openStage(http, remote.cleanup, { usual: "DELETE", where: named("cleanup"), baseUrl, responses: gone });
  }

  /** The latest job that was created for the unit in this run. */
  async find(unit: RemoteUnit): Promise<RemoteJob | undefined> {
    for (const turn of ["again", "first"] as const) {
      if (await this.#input.journal.has(entryOf(unit, turn))) return await this.create(unit, turn);
    }
    return undefined;
  }

  /** Creates a job, or goes on with the one that was created. @throws MillraceError `SOURCE_UNREADABLE` without an identifier */
  async create(unit: RemoteUnit, turn: Turn): Promise<RemoteJob> {
    const { journal, context, remote } = this.#input;
    const name = `${nameOf(unit)}creating its remote job`;
    const written = { requests: journal, entry: entryOf(unit, turn) };
    const answer = await askStage(this.#create, unit.variables, name, context, written);
    if (answer === undefined) {
      throw new MillraceError(
        "SOURCE_UNREADABLE",
        `${name}: somebody has said that it was created, and nobody knows it`,
        {
          hint: "start a new run, which creates another one",
        },
      );
    }
    const own = { id: findId(answer, remote.create.id, name), created: answer.body };
    return { unit, turn, variables: { ...unit.variables, remote: own } };
  }

  /** @throws MillraceError `REMOTE_JOB_FAILED` */
  async ask(job: RemoteJob): Promise<Progress> {
    const { context, remote } = this.#input;
    const name = `${nameOf(job.unit)}status of its remote job`;
    try {
      const answer = await askStage(this.#status, job.variables, name, context);
      const body = answer?.body;
      if (matches(remote.status, remote.status.expired, body)) return { state: "expired" };
      if (matches(remote.status, remote.status.failed, body)) throw failed(name, remote.status, body);
      if (answer === undefined || !matches(remote.status, remote.status.is, body))
        return { state: "works", shown: showState(remote.status, body) };
      const known = { ...(job.variables["remote"] as Variables), status: body };
      return { state: "done", job: { ...job, variables: { ...job.variables, remote: known } }, answer };
    } catch (error) {
      if (isGone(error)) return { state: "expired" };
      throw error;
    }
  }

  /** Takes the job away; one that is gone already is fine. */
  async delete(job: RemoteJob): Promise<void> {
    if (this.#cleanup === undefined) return;
    const context = { ...this.#input.context, warn: () => undefined };
    await askStage(this.#cleanup, job.variables, `${nameOf(job.unit)}deleting its remote job`, context);
  }
}

const goneStatuses: readonly number[] = [404, 410];

/** Whether a service does not know any more what it was asked for. */
export function isGone(error: unknown): boolean {
  const status = error instanceof MillraceError ? error.details?.["status"] : undefined;
  return typeof status === "number" && goneStatuses.includes(status);
}

/** The same in all attempts. */
function entryOf({ key }: RemoteUnit, turn: Turn): string {
  return `${key === "" ? "" : `${key}, `}remote job${turn === "again" ? " again" : ""}`;
}

/** Names a unit in messages. */
export function nameOf({ key }: RemoteUnit): string {
  return key === "" ? "" : `unit \`${key}\`, `;
}

function matches(
  { path }: RemoteStatusOptions,
  is: string | readonly string[] | undefined,
  body: VariableValue | undefined,
): boolean {
  return is !== undefined && matchesBody({ path, is }, body);
}

/** What a status says, for people. */
function showState({ path }: RemoteStatusOptions, body: VariableValue | undefined): string {
  const found = valueAt(body, toValuePath(path));
  return `\`${path}\` is ${found === undefined ? "not there" : `\`${printJson(found).slice(0, 100)}\``}`;
}

function failed(name: string, status: RemoteStatusOptions, body: VariableValue | undefined): MillraceError {
  const said = status.message === undefined ? undefined : valueAt(body, toValuePath(status.message));
  const why = said === undefined || said === null ? "" : `: ${typeof said === "string" ? said : printJson(said)}`;
  const message = `${name}: the service has failed, ${showState(status, body)}${why.slice(0, 1_000)}`;
  return new MillraceError("REMOTE_JOB_FAILED", message, {
    hint: "correct what the service says; a new run creates another job",
  });
}

/** @throws MillraceError `SOURCE_UNREADABLE` */
function findId(answer: StageAnswer, { path, header, match }: RemoteIdOptions = {}, name: string): string {
  const place = header === undefined ? (path ?? "id") : header;
  const found = header === undefined ? valueAt(answer.body, toValuePath(place)) : answer.headers[place.toLowerCase()];
  const kind = header === undefined ? "field" : "header";
  const isScalar = typeof found === "string" || typeof found === "number" || typeof found === "bigint";
  const text = isScalar ? String(found) : "";
  const id = match === undefined ? text : (new RegExp(match).exec(text)?.[1] ?? "");
  if (id !== "") return id;
  const problem = text === "" ? "has no value" : `does not match \`${match ?? ""}\``;
  throw new MillraceError("SOURCE_UNREADABLE", `${name}: ${kind} \`${place}\`, which identifies the job, ${problem}`, {
    hint: "compare the answer with `remote.create.id`; the job that the service may have created is not read",
  });
}
