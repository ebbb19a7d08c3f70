// The contract of everything rows can come from. Each kind of source has a folder in `sources/`, and `sources/sources.ts` has
// one line for it; nothing else names it.
import type { SendCall } from "../connections/http-connection.ts";
import type { ExchangeTape } from "../connections/http/exchange-tape.ts";
import type { HttpRequest } from "../connections/http/http-request.ts";
import type { HttpResponse } from "../connections/http/http-response.ts";
import type { EngineSession } from "../compute/engine.ts";
import type { ExchangeObserver } from "../core/connection/exchange.ts";
import type { RequestLedger } from "../core/connection/request-ledger.ts";
import type { DatasetReference } from "../core/dataset/dataset-handle.ts";
import type { SourcePlan } from "../core/dataset/source-plan.ts";
import type { SourceReading } from "../core/dataset/source.ts";
import type { OptionPath } from "../core/spec/parse-options.ts";
import type { TopicName } from "../core/stream/topic-name.ts";
import type { TopicReader } from "../core/stream/topic-reader.ts";
import type { Spec } from "../core/spec/spec.ts";
import type { OpenDatasetOptions } from "./datasets/dataset-relation.ts";
import type { DatasetLookup } from "./datasets/dataset-catalog.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { PassingRows } from "./passing-rows.ts";
import type { KnownTable } from "./sources/source-rows.ts";
import type { TableRows } from "./table-rows.ts";

/** `concurrency`: reads several units at once · `minRows`: counts the rows of a unit · `cursor`: finds the greatest value of a column. */
export type UnitAbility = "concurrency" | "minRows" | "cursor";

/**
 * A kind of source.
 * @typeParam Declared what a job says of such a source: the option with the kind's name, and others that go with it
 */
export interface SourceKind<Declared extends object = object> {
  /** The option that chooses the kind; also the name of its export in `sources/sources.ts`. */
  readonly name: string;
  /** What the rows come from, for the table of options in the docs, such as `a published dataset`. */
  readonly summary: string;
  /** What the option with the kind's name takes where that is an object, for a table of its own in the docs. */
  readonly detail?: Spec<object>;
  /** All options of `Declared`; the one with the kind's name is optional here, since another kind may be meant. */
  readonly options: Spec<Partial<Declared>>;
  /**
   * Looks at what no option can tell by itself when a job is defined; what only the source can tell comes later.
   * @param path to the source, below `where`
   * @throws MillraceError `JOB_INVALID` naming the option
   */
  assertOptions?(where: string, path: OptionPath, source: Declared): void;
  /** Whether texts of the source have variables, or may have some, so that it is read in units. Default: no. */
  takesVariables?(source: Declared): boolean;
  /** What the kind can do with units besides reading one after the other. Default: nothing. */
  readonly unitAbilities?: readonly UnitAbility[];
  /** Whether the source is never ready at once, so that the job has to say how it waits. Default: no. */
  needsWait?(source: Declared): boolean;
  /** Whether the columns are known before a row has come, so that a table can be made without one. Default: no. */
  declaresColumns?(source: Declared): boolean;
  /** Whether files are put elsewhere once their rows have passed. Default: no. */
  deliversFiles?(source: Declared): boolean;
  /** Connections that requests go through, whose limits and breakers concern the job. */
  connections?(source: Declared): readonly string[];
  /** Datasets that are read; absent for what comes from outside. A pipeline runs the jobs that publish them first. */
  inputs?(source: Declared): readonly DatasetReference[];
  /** The dataset whose changes are read, one version of its table after the other; absent for every other source. */
  changesOf?(source: Declared): DatasetReference | undefined;
  /** The topic whose records are read, from where the last run ended; absent for every other source. */
  topicOf?(source: Declared): TopicName;
  /** What would be read now; nothing is sent or written for it. Absent when it cannot be told. */
  plan?(source: Declared, planning: SourcePlanning): Promise<SourcePlan>;
  /**
   * Finds the rows and their columns. What can be read again is not read before the query that asks for the rows runs; what can
   * not is copied into the spool. What is opened lives as long as the session.
   * @throws MillraceError `SOURCE_MISSING`, `SOURCE_UNREADABLE`, `SOURCE_EMPTY`, with the disposition `retry` for what may pass
   */
  open(source: Declared, opening: SourceOpening): Promise<OpenSource>;
  /**
   * Gives the rows, as they are at one moment, to somebody who takes them as the source has them, without a copy between.
   * @returns what `work` returned; `undefined` when the rows cannot be given in `format`. Absent: they never can.
   */
  pass?<T>(
    source: Declared,
    passing: { readonly format: string; readonly signal: AbortSignal },
    work: (rows: PassingRows) => Promise<T>,
  ): Promise<T | undefined>;
}

/** What a plan has of what a run has. */
export type SourcePlanning = Pick<
  SourceOpening,
  "session" | "root" | "catalog" | "reading" | "connect" | "onSecret" | "signal" | "spool" | "warn"
>;

export interface SourceOpening extends OpenDatasetOptions {
  readonly session: EngineSession;
  /** Folder of the project, absolute: relative paths belong to it. */
  readonly root: string;
  readonly catalog: DatasetLookup;
  /** The table that the rows go to. */
  readonly table: KnownTable;
  /** The dataset that the rows go to. */
  readonly dataset: string;
  /** What variables stand for. */
  readonly reading: SourceReading;
  /**
   * Name of one more column that the rows need, with the place of the unit that each came from, from 0; only for kinds that take
   * variables, when there are several units whose variables a step puts into rows.
   */
  readonly unitColumn?: string;
  /** Connections of the project by name; absent where there are none. */
  readonly connect?: (name: string) => Promise<SourceConnection>;
  /** Told of each exchange with a service. */
  readonly observer?: ExchangeObserver;
  /** Records exchanges, or answers in the place of services; connections know it by themselves. */
  readonly tape?: ExchangeTape;
  /** Told each secret among the variables before it is sent, so that it is masked wherever it turns up. */
  readonly onSecret?: (secret: string) => void;
  /** Where requests are written down that change something elsewhere; absent where there is no store. */
  readonly ledger?: RequestLedger;
  /** Masks secrets that are known. Default: there are none. */
  readonly redact?: (text: string) => string;
  /** Reads records of topics; absent where there is no log. */
  readonly topics?: TopicReader;
  /** Aborted when the run is stopped or its lease is lost. */
  readonly signal: AbortSignal;
  now(): number;
  /** Tells what is being done now, in a few words. */
  operation(text: string): void;
}

/** A service that runs share the quota and the credentials of. */
export interface SourceConnection {
  /** What relative addresses begin with. */
  readonly baseUrl: string;
  /** Puts credentials on the request, renews them after a 401, and waits where the service asks for it. */
  send(request: HttpRequest, call: SendCall): Promise<HttpResponse>;
  /** Nothing is sent for that long, by any worker: for services that ask for a pause in a body. */
  pause?(forMs: number): Promise<void>;
}

/** A source whose columns are known. */
export interface OpenSource {
  /** Absent when nothing tells a column, so that there is no row either. */
  readonly rows?: TableRows;
  /** Whether reading the rows again gives the same ones, so that they are read twice rather than copied. */
  readonly isRepeatable: boolean;
  /** Columns without a single value. They take the type of the table's column; a new one waits for its first value. */
  readonly untyped?: readonly string[];
  /** What a person should know of the rows, such as a column that one file lacks. */
  readonly warnings?: readonly string[];
  /** Since when the oldest answer was known that stood in for the service; absent when the service answered itself. */
  readonly staleSinceMs?: number;
  /** How many rows there are, where that was counted. */
  readonly rowCount?: number;
  /** Rows that came and were left out, because they had been read before: a source that has such rows is not empty. */
  readonly knownRows?: number;
  /** The one place that all rows come from, for people who look at rows that were set aside. */
  readonly place?: string;
  /** `rows` with one more column, the place of each row; nothing where it cannot be told. */
  telling?(column: string): Promise<string | undefined>;
  /** Says more about what reading the rows failed with, such as the line. */
  explain?(error: unknown): Promise<unknown>;
  /**
   * Present when the rows are of files that go elsewhere as they are. Called when the rows have passed their checks, before they are
   * published: no row names a file that is not there. Doing it again adds nothing. @throws MillraceError `FILES_COLLIDE` and the like
   */
  deliver?(delivery: Delivery): Promise<void>;
  /** Called when the rows are read. @throws MillraceError `SOURCE_UNREADABLE`, to be tried again, when they are not those that were found */
  assertUnchanged?(): Promise<void>;
}
