// Whose credentials a process has at Amazon: those of its variables, of its container or of its machine, in the order in which
// all tools of Amazon look for them.
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpAgent } from "../http/http-agent.ts";
import { readJson } from "../http/read-json.ts";
import { sendRequest } from "../http/send-request.ts";
import { toStatusError } from "../http/status-error.ts";
import { text } from "node:stream/consumers";

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Milliseconds since the Unix epoch; absent for keys that do not end. */
  readonly expiresAtMs?: number;
}

export interface AwsKeySources {
  readonly readVariable: (name: string) => string | undefined;
  /** `undefined` when there is no such file. */
  readonly readFile: (path: string) => string | undefined;
  readonly agent: HttpAgent;
  readonly now: () => number;
  /** Whether the metadata service of the machine may be asked. */
  readonly mayAskMachine: boolean;
}

const containerHost = "http://169.254.170.2";
const machineHost = "http://169.254.169.254";
/** A machine without the service drops packets. */
const machineTimeouts = { headersMs: 2_000, idleMs: 2_000, totalMs: 5_000 };
const containerTimeouts = { headersMs: 5_000, idleMs: 5_000, totalMs: 10_000 };

/**
 * @throws MillraceError `SECRET_MISSING` when no place has credentials
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export async function findAwsKeys(sources: AwsKeySources): Promise<AwsKeys> {
  const keys = ofVariables(sources) ?? (await ofContainer(sources)) ?? (await ofMachine(sources));
  if (keys !== undefined) return keys;
  throw new MillraceError("SECRET_MISSING", "there are no credentials for Amazon's services", {
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the worker runs, or give its container or machine a role",
  });
}

function ofVariables({ readVariable }: AwsKeySources): AwsKeys | undefined {
  const [accessKeyId, secretAccessKey] = [readVariable("AWS_ACCESS_KEY_ID"), readVariable("AWS_SECRET_ACCESS_KEY")];
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = readVariable("AWS_SESSION_TOKEN");
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

async function ofContainer(sources: AwsKeySources): Promise<AwsKeys | undefined> {
  const { readVariable } = sources;
  const relative = readVariable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const url = relative ? `${containerHost}${relative}` : readVariable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!url) return undefined;
  const token = readContainerToken(sources);
  const headers = token === undefined ? {} : { authorization: token };
  return await askForKeys(sources, { url, headers, timeouts: containerTimeouts });
}

// A file is written anew before its token ends.
function readContainerToken({ readVariable, readFile }: AwsKeySources): string | undefined {
  const path = readVariable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const token = path ? readFile(path)?.trim() : readVariable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  return token === "" ? undefined : token;
}

/** Version 2 of the service: what reads for somebody else cannot send the header that a token needs. */
async function ofMachine(sources: AwsKeySources): Promise<AwsKeys | undefined> {
  const { readVariable, agent, mayAskMachine } = sources;
  if (!mayAskMachine || readVariable("AWS_EC2_METADATA_DISABLED") === "true") return undefined;
  const host = readVariable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? machineHost;
  const base = `${host.replace(/\/$/, "")}/latest`;
  try {
    const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "300" };
    const asked = { method: "PUT", url: `${base}/api/token`, headers: ttl, timeouts: machineTimeouts } as const;
    const token = await readText(await sendRequest(asked, { agent }));
    const headers = { "x-aws-ec2-metadata-token": token };
    const roles = `${base}/meta-data/iam/security-credentials/`;
    const role = await readText(
      await sendRequest({ method: "GET", url: roles, headers, timeouts: machineTimeouts }, { agent }),
    );
    const url = `${roles}${encodeURIComponent(role.split("\n", 1)[0] ?? "")}`;
    return await askForKeys(sources, { url, headers, timeouts: machineTimeouts });
  } catch (error) {
    // a machine that is none of Amazon's, or has no role
    if (error instanceof MillraceError) return undefined;
    throw error;
  }
}

interface KeyRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeouts: typeof machineTimeouts;
}

async function askForKeys({ agent, now }: AwsKeySources, request: KeyRequest): Promise<AwsKeys> {
  const response = await sendRequest({ method: "GET", ...request }, { agent });
  if (response.status !== 200) {
    response.body.destroy();
    throw toStatusError("GET", response, now());
  }
  const answer = (await readJson(response)) as Readonly<Record<string, unknown>>;
  const [accessKeyId, secretAccessKey, sessionToken] = [
    answer["AccessKeyId"],
    answer["SecretAccessKey"],
    answer["Token"],
  ].map((value) => (typeof value === "string" ? value : ""));
  if (!accessKeyId || !secretAccessKey)
    throw new MillraceError("FORMAT_INVALID", `expected credentials from ${response.address}`);
  const expiresAtMs = Date.parse(String(answer["Expiration"]));
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    ...(Number.isNaN(expiresAtMs) ? {} : { expiresAtMs }),
  };
}

async function readText(response: Awaited<ReturnType<typeof sendRequest>>): Promise<string> {
  if (response.status === 200) return await text(response.body);
  response.body.destroy();
  throw toStatusError("GET", response, Date.now());
}
