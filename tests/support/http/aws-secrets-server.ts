// Systems Manager, Secrets Manager and the metadata service of a machine on loopback, as far as secrets are read: they answer what Amazon's
// answer, and refuse what is not signed.
import type { ServerResponse } from "node:http";
import { type BehavingServer, type ReceivedRequest, startBehavingServer } from "./behaving-server.ts";

export interface AwsSecretsServer extends AsyncDisposable {
  readonly origin: string;
  /** Name → value; encrypted unless somebody asks for it in the clear. */
  readonly parameters: Map<string, string>;
  /** Name → what `GetSecretValue` answers. */
  readonly secrets: Map<string, object>;
  readonly received: BehavingServer["received"];
  /** Error that the next requests for secrets get, with its status. */
  trouble: { readonly status: number; readonly kind: string } | undefined;
  /** What the metadata service gives out; `undefined`: the machine has no role. */
  machineKeys: object | undefined;
}

export async function startAwsSecretsServer(): Promise<AwsSecretsServer> {
  const state: Omit<AwsSecretsServer, "origin" | "received" | keyof AsyncDisposable> = {
    parameters: new Map(),
    secrets: new Map(),
    trouble: undefined,
    machineKeys: undefined,
  };
  const server = await startBehavingServer((request, response) => answer(state, request, response));
  return Object.assign(state, {
    origin: server.origin,
    received: server.received,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}

type State = Pick<AwsSecretsServer, "parameters" | "secrets" | "trouble" | "machineKeys">;

function answer(state: State, request: ReceivedRequest, response: ServerResponse): void {
  const { method, path, headers } = request;
  if (path.startsWith("/latest/")) return answerMachine(state, request, response);
  if (path === "/container")
    return headers.authorization === "let me" ? json(response, 200, keysOf("CONTAINER")) : json(response, 403, {});
  const target = String(headers["x-amz-target"]);
  if (
    method !== "POST" ||
    !/^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/eu-west-1\/(?:ssm|secretsmanager)\//.test(headers.authorization ?? "")
  )
    return refuse(response, "MissingAuthenticationToken");
  if (state.trouble !== undefined) return refuse(response, state.trouble.kind, "no", state.trouble.status);
  const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
  if (target === "AmazonSSM.GetParameter") return answerParameter(state, body, response);
  const secret = state.secrets.get(String(body["SecretId"]));
  if (secret !== undefined) return json(response, 200, secret);
  refuse(response, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

function answerParameter(
  { parameters }: State,
  body: Readonly<Record<string, unknown>>,
  response: ServerResponse,
): void {
  const value = parameters.get(String(body["Name"]));
  if (value === undefined) return refuse(response, "ParameterNotFound", "");
  json(response, 200, {
    Parameter: { Type: "SecureString", Value: body["WithDecryption"] === true ? value : `kms:${value.length}` },
  });
}

function answerMachine(
  { machineKeys }: State,
  { method, path, headers }: ReceivedRequest,
  response: ServerResponse,
): void {
  if (method === "PUT") return void response.end("machine-token");
  if (headers["x-aws-ec2-metadata-token"] !== "machine-token") return json(response, 401, {});
  if (machineKeys === undefined) return json(response, 404, {});
  if (path.endsWith("/security-credentials/")) return void response.end("millrace-role\n");
  json(response, 200, machineKeys);
}

/** Keys as containers and machines get them. */
export function keysOf(id: string, expiration: string = "2100-01-01T00:00:00Z"): object {
  return {
    AccessKeyId: id,
    SecretAccessKey: `canary-secret-of-${id}`,
    Token: `token-of-${id}`,
    Expiration: expiration,
  };
}

function refuse(response: ServerResponse, kind: string, message = "", status = 400): void {
  json(response, status, { __type: kind, message });
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(value));
}
