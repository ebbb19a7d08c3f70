// The only reader of the process environment.
import { hostname } from "node:os";

/** Where a process runs, as job code sees it. */
export type ServiceProvider = "LOCAL" | "SPARK" | "DATABRICKS" | "GLUE" | "EMR" | "KUBERNETES";

/** What the environment says, read once. */
export interface Environment {
  /** `MILLRACE_ENV`: the environment of the project that is meant; `--env` does the same. */
  readonly name: string | undefined;
  /** `MILLRACE_STORE`: path of the store file, instead of the configured one. */
  readonly store: string | undefined;
  /** `MILLRACE_DATABASE_URL`: a Postgres database that is the store, instead of a file. */
  readonly databaseUrl: string | undefined;
  /** `MILLRACE_SERVER`: address of a server that the command line talks to, instead of the store. */
  readonly server: string | undefined;
  /** `MILLRACE_TOKEN`: what it shows that server. */
  readonly token: string | undefined;
  /** `MILLRACE_TENANT`: tenant of runs that are started here. */
  readonly tenant: string | undefined;
  readonly serviceProvider: ServiceProvider;
  readonly hasSpark: boolean;
  /** `MILLRACE_SECRET_KEY`: what tokens in the store are sealed with; several keys have white space between them, the newest first. */
  readonly secretKey: string | undefined;
  /** `MILLRACE_SECRET_KEY_FILE`: a file with that key, or with several. */
  readonly secretKeyFile: string | undefined;
  /** Any variable that a definition or connection names, such as `WAREHOUSE_URL`; `undefined` when it is not set. */
  readonly readVariable: (name: string) => string | undefined;
  /** `NO_COLOR` is not set to anything. @see https://no-color.org */
  readonly color: boolean;
  readonly ci: boolean;
  /** Name of whoever started the process, for `createdBy`. */
  readonly user: string;
  /** Passwords of all variables that are addresses, such as those of databases. */
  readonly passwords: readonly string[];
}

/** Reads an environment; tests pass their own. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const serviceProvider = detectServiceProvider(variables);
  const isSet = (name: string): boolean => (variables[name] ?? "") !== "";
  return {
    name: isSet("MILLRACE_ENV") ? variables["MILLRACE_ENV"] : undefined,
    store: variables["MILLRACE_STORE"],
    databaseUrl: isSet("MILLRACE_DATABASE_URL") ? variables["MILLRACE_DATABASE_URL"] : undefined,
    server: isSet("MILLRACE_SERVER") ? variables["MILLRACE_SERVER"] : undefined,
    token: isSet("MILLRACE_TOKEN") ? variables["MILLRACE_TOKEN"] : undefined,
    tenant: variables["MILLRACE_TENANT"],
    serviceProvider,
    hasSpark: isSet("SPARK_HOME") || ["SPARK", "DATABRICKS", "GLUE", "EMR"].includes(serviceProvider),
    secretKey: isSet("MILLRACE_SECRET_KEY") ? variables["MILLRACE_SECRET_KEY"] : undefined,
    secretKeyFile: isSet("MILLRACE_SECRET_KEY_FILE") ? variables["MILLRACE_SECRET_KEY_FILE"] : undefined,
    readVariable: (name) => variables[name],
    color: !isSet("NO_COLOR"),
    ci: isSet("CI"),
    user: variables["USER"] ?? variables["LOGNAME"] ?? hostname(),
    passwords: Object.values(variables).flatMap((value) => passwordsOf(value ?? "")),
  };
}

/** Values of the environment that are masked wherever they would be shown. */
export function listSecrets({
  passwords,
  token,
  secretKey,
}: Pick<Environment, "passwords" | "token" | "secretKey">): readonly string[] {
  return [...passwords, token ?? "", ...splitKeys(secretKey ?? "")].filter((secret) => secret !== "");
}

/** The keys of a text, which have no white space in them. */
export function splitKeys(text: string): readonly string[] {
  return text.split(/\s+/).filter((key) => key !== "");
}

/** The password of an address, as it is written and as it is meant. JDBC has it as a parameter. */
function passwordsOf(value: string): string[] {
  if (!value.includes("://")) return [];
  const url = URL.parse(value.replace(/^jdbc:/, ""));
  if (url === null) return [];
  const parameter = url.searchParams.get("password") ?? "";
  return [url.password, decode(url.password), parameter, encodeURIComponent(parameter)];
}

// A text that is not valid encoding stays as it is; the code that opens the address reports what is wrong with it.
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Variables that each platform sets for its own processes; the more specific platform first.
function detectServiceProvider(variables: Readonly<Record<string, string | undefined>>): ServiceProvider {
  const isSet = (name: string): boolean => variables[name] !== undefined;
  if (isSet("DATABRICKS_RUNTIME_VERSION")) return "DATABRICKS";
  if (["GLUE_VERSION", "GLUE_INSTALLATION", "AWS_GLUE_JOB_NAME"].some(isSet)) return "GLUE";
  if (["EMR_CLUSTER_ID", "EMR_STEP_ID", "SERVERLESS_EMR_JOB_ID"].some(isSet)) return "EMR";
  if (isSet("KUBERNETES_SERVICE_HOST")) return "KUBERNETES";
  if (isSet("SPARK_ENV_LOADED")) return "SPARK";
  return "LOCAL";
}
