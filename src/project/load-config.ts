// The project's configuration: read, checked, completed with defaults. Errors name file, line and column.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { z } from "zod";
import { type Duration, parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { importModule } from "./import-module.ts";
import { locateProperty } from "./locate-property.ts";

/** What a run told when it ended, handed to `notify`. */
export interface RunNotice {
  readonly job: string;
  readonly runId: string;
  readonly state: "FINISHED" | "ERROR";
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** The default export of `millrace.config.ts`. Paths are relative to it. */
export interface MillraceConfig {
  /** What a shared store knows the project by. Default: the name in package.json, else that of the folder. */
  readonly name?: string;
  /** The store file. Default `.millrace/store.db`. */
  readonly store?: string;
  /** Of the store on Postgres: its schema (default `millrace`) and the most connections of a process for calls (default 10). */
  readonly database?: { readonly schema?: string; readonly poolSize?: number };
  /** Folder of Delta tables without a path of their own. Default `lake`. */
  readonly lake?: string;
  /** Files and folders with jobs and pipelines. Default `jobs`, `pipelines` and `pipeline.ts`. */
  readonly jobs?: readonly string[];
  /** Runs that one worker executes at once, 1 to 1,000. Default 4. */
  readonly slots?: number;
  /** Default `default`. */
  readonly tenant?: string;
  /** Job name → its static settings. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Limits of the SQL engine, e.g. `{ memoryLimit: "2GB", threads: 4 }`. Default: 1 GB and all cores. */
  readonly compute?: { readonly memoryLimit?: string; readonly threads?: number };
  /** Runs that may execute at once over all workers, by pool, connection and tenant. */
  readonly limits?: {
    readonly pools?: Readonly<Record<string, number>>;
    readonly connections?: Readonly<Record<string, number>>;
    readonly tenants?: Readonly<Record<string, number>>;
  };
  /** Ended runs are removed with their history after this time; `"off"` keeps them. Default `90d`. */
  readonly retention?: Duration | "off";
  /** Called when a run has ended for good. Its failure is logged and changes nothing. */
  readonly notify?: (notice: RunNotice) => Promise<void> | void;
}

/** A configuration with its defaults. */
export interface ProjectConfig {
  readonly name: string | undefined;
  readonly store: string;
  readonly database: { readonly schema: string; readonly poolSize: number };
  readonly lake: string;
  readonly jobs: readonly string[];
  readonly slots: number;
  readonly tenant: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly compute: { readonly memoryLimit: string; readonly threads?: number };
  readonly limits: Readonly<Record<(typeof limitOptions)[number], Readonly<Record<string, number>>>>;
  /** `undefined`: for ever. */
  readonly retentionMs: number | undefined;
  readonly notify: MillraceConfig["notify"];
}

const computeOptions = ["memoryLimit", "threads"];
const limitOptions = ["pools", "connections", "tenants"] as const;
const databaseOptions = ["schema", "poolSize"];
const nestedOptions: Readonly<Record<string, readonly string[]>> = {
  compute: computeOptions,
  database: databaseOptions,
  limits: limitOptions,
};

const capacities = z.record(z.string().min(1), z.int().min(1, "expected a positive integer")).default({});

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  store: z.string().min(1).default(".millrace/store.db"),
  database: z
    .strictObject({
      schema: z
        .string()
        .regex(
          /^(?!pg_|public$|information_schema$)[a-z_][a-z0-9_]{0,62}$/,
          "expected small letters, digits and `_`, and a schema that holds nothing else",
        )
        .default("millrace"),
      poolSize: z.int().min(1).max(1_000).default(10),
    })
    .prefault({}),
  lake: z.string().min(1).default("lake"),
  jobs: z.array(z.string().min(1)).min(1).default(["jobs", "pipelines", "pipeline.ts"]),
  slots: z.int().min(1).max(1_000).default(4),
  tenant: z.string().min(1).default("default"),
  config: z.record(z.string(), z.unknown()).default({}),
  compute: z
    .strictObject({
      memoryLimit: z
        .string()
        .regex(/^\d+(?:\.\d+)?\s?[KMGT]i?B$/, 'expected a size like "2GB"')
        .default("1GB"),
      threads: z.int().min(1).optional(),
    })
    .prefault({}),
  limits: z.strictObject({ pools: capacities, connections: capacities, tenants: capacities }).prefault({}),
  retention: z.custom<Duration | "off">(isRetention, 'expected a duration like "90d", or "off"').default("90d"),
  notify: z
    .custom<NonNullable<MillraceConfig["notify"]>>((value) => typeof value === "function", "expected a function")
    .optional(),
});

/** Every option by its path, for the docs and their test. */
export const configOptions: readonly string[] = Object.keys(schema.shape).flatMap((option) =>
  (nestedOptions[option] ?? []).length === 0
    ? [option]
    : (nestedOptions[option] ?? []).map((name) => `${option}.${name}`),
);

/** Gives a configuration its type. */
export function defineConfig(config: MillraceConfig): MillraceConfig {
  return config;
}

/** @param file absolute path, or `undefined` for the defaults alone @throws MillraceError `CONFIG_INVALID` | `MODULE_UNREADABLE` */
export async function loadConfig(file: string | undefined, root: string): Promise<ProjectConfig> {
  const value = file === undefined ? {} : (await importModule(file, root))["default"];
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    if (file !== undefined && isObject(value) && "jobs" in value) await assertEntries(file, root, parsed.data.jobs);
    const { retention, ...options } = parsed.data;
    const { threads, ...compute } = options.compute;
    return {
      ...options,
      name: options.name,
      retentionMs: retention === "off" ? undefined : parseDuration(retention, "retention"),
      compute: threads === undefined ? compute : { ...compute, threads },
      notify: parsed.data.notify,
    };
  }
  throw await toConfigError(file ?? "", root, parsed.error);
}

// The defaults may be missing; what somebody wrote down may not, or its jobs would be gone without a word.
async function assertEntries(file: string, root: string, entries: readonly string[]): Promise<void> {
  const missing = entries.find((entry) => !existsSync(resolve(root, entry)));
  if (missing === undefined) return;
  const place = placeOf(file, root, await readFile(file, "utf8"), ["jobs"]);
  throw new MillraceError("CONFIG_INVALID", `${place}: \`jobs\` names what is not there, got: \`${missing}\``, {
    hint: "its entries are files and folders, relative to the configuration",
  });
}

async function toConfigError(file: string, root: string, error: z.ZodError): Promise<MillraceError> {
  const source = await readFile(file, "utf8");
  const [issue] = error.issues;
  if (issue === undefined) return new MillraceError("CONFIG_INVALID", `${relative(root, file)} is not valid`);
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const place = placeOf(file, root, source, path);
  if (unknown !== undefined)
    return new MillraceError(
      "CONFIG_INVALID",
      `${place}: unknown option \`${path.join(".")}\`${suggest(unknown, optionsAt(issue.path))}`,
    );
  const what = path.length === 0 ? "default export" : `\`${path.join(".")}\``;
  return new MillraceError("CONFIG_INVALID", `${place}: ${what}: ${issue.message}`, {
    hint: path.length === 0 ? "write `export default defineConfig({ … })`" : "docs/configuration.md lists the options",
  });
}

function optionsAt(path: readonly PropertyKey[]): string[] {
  return [...(nestedOptions[String(path[0])] ?? Object.keys(schema.shape))];
}

function placeOf(file: string, root: string, source: string, path: readonly PropertyKey[]): string {
  const position = locateProperty(source, path);
  return `${relative(root, file)}${position === undefined ? "" : `:${position.line}:${position.column}`}`;
}

function isRetention(value: unknown): boolean {
  if (value === "off") return true;
  try {
    return parseDuration(String(value), "retention") > 0;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
