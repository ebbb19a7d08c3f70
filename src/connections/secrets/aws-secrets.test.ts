import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type AwsSecretsServer,
  keysOf,
  startAwsSecretsServer,
} from "../../../tests/support/http/aws-secrets-server.ts";
import type { ServiceReference } from "../../core/connection/secret-text.ts";
import { AwsSecrets } from "./aws-secrets.ts";

let server: AwsSecretsServer;
let cleanup: AsyncDisposableStack;
let nowMs: number;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  server = cleanup.use(await startAwsSecretsServer());
  nowMs = Date.UTC(2026, 0, 1);
});
afterEach(() => cleanup.disposeAsync());

const ownKeys = { AWS_ACCESS_KEY_ID: "AKIAOWN", AWS_SECRET_ACCESS_KEY: "canary-own-secret" };

function open(variables: Readonly<Record<string, string>> = ownKeys): AwsSecrets {
  const all: Readonly<Record<string, string>> = {
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: server.origin,
    ...variables,
  };
  const files: Readonly<Record<string, string>> = { "/token": "let me\n" };
  const options = {
    readVariable: (name: string) => all[name],
    readFile: (path: string) => files[path],
    now: () => nowMs,
  };
  return cleanup.use(new AwsSecrets(options));
}

const who = (): (string | undefined)[] =>
  server.received.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]).filter(Boolean);

test("a parameter is read in the clear, and a secret whole or by the key in its JSON", async () => {
  server.parameters.set("/prod/token", "the parameter");
  server.secrets.set("crm", { SecretString: '{"user":"me","port":5432,"password":"the member"}' });
  const secrets = open();
  expect(await secrets.read({ ssm: "/prod/token" })).toBe("the parameter");
  expect(await secrets.read({ secretsmanager: "crm" })).toBe('{"user":"me","port":5432,"password":"the member"}');
  expect(await secrets.read({ secretsmanager: "crm", key: "password" })).toBe("the member");
  expect(await secrets.read({ secretsmanager: "crm", key: "port" })).toBe("5432");
});

test("a secret is known for five minutes, and one that failed is asked for again", async () => {
  const secrets = open();
  await expect(secrets.read({ ssm: "/token" })).rejects.toMatchObject({ code: "SECRET_MISSING" });
  server.parameters.set("/token", "first");
  expect(await Promise.all([secrets.read({ ssm: "/token" }), secrets.read({ ssm: "/token" })])).toEqual([
    "first",
    "first",
  ]);
  server.parameters.set("/token", "second");
  nowMs += 299_999;
  expect(await secrets.read({ ssm: "/token" })).toBe("first");
  expect(server.received).toHaveLength(2);
  nowMs += 1;
  expect(await secrets.read({ ssm: "/token" })).toBe("second");
});

test.each<[string, ServiceReference, object | undefined, string, RegExp]>([
  [
    "a parameter that is not there",
    { ssm: "/gone" },
    undefined,
    "SECRET_MISSING",
    /parameter `\/gone` .* does not exist/,
  ],
  [
    "a secret that is not there",
    { secretsmanager: "gone" },
    undefined,
    "SECRET_MISSING",
    /secret `gone` .* does not exist/,
  ],
  ["a secret without a text", { secretsmanager: "s" }, {}, "SECRET_MISSING", /has no value/],
  ["an empty secret", { secretsmanager: "s" }, { SecretString: "" }, "SECRET_MISSING", /has no value/],
  ["a binary secret", { secretsmanager: "s" }, { SecretBinary: "AAE=" }, "SECRET_UNREADABLE", /is binary/],
  [
    "a text that is no object",
    { secretsmanager: "s", key: "a" },
    { SecretString: "canary" },
    "SECRET_UNREADABLE",
    /no JSON object/,
  ],
  [
    "a key that is not there",
    { secretsmanager: "s", key: "a" },
    { SecretString: "{}" },
    "SECRET_MISSING",
    /under the key `a`/,
  ],
  [
    "a key that objects have anyway",
    { secretsmanager: "s", key: "toString" },
    { SecretString: "{}" },
    "SECRET_MISSING",
    /key/,
  ],
])("%s is told by name", async (_what, reference, secret, code, message) => {
  if (secret !== undefined) server.secrets.set("s", secret);
  const read = open().read(reference);
  await expect(read).rejects.toMatchObject({ code, disposition: "fail", message: expect.stringMatching(message) });
  await expect(read).rejects.not.toThrow("canary");
});

test.each([
  [400, "AccessDeniedException", "PERMISSION_DENIED", "fail"],
  [400, "com.amazonaws#UnrecognizedClientException", "AUTHENTICATION_FAILED", "fail"],
  [400, "ThrottlingException", "RATE_LIMITED", "retry"],
  [500, "InternalServerError", "SERVICE_UNAVAILABLE", "retry"],
  [503, "", "SERVICE_UNAVAILABLE", "retry"],
  [400, "ValidationException", "SECRET_UNREADABLE", "fail"],
])("status %d with %s is %s, to %s", async (status, kind, code, disposition) => {
  server.trouble = { status, kind };
  await expect(open().read({ ssm: "/a" })).rejects.toMatchObject({ code, disposition });
});

test("a secret without a value, and one that is to be deleted, are told apart from one that is not there", async () => {
  const { secretOf } = await import("./aws-secret-answer.ts");
  const answer = (kind: string, message: string): (() => string) => {
    const text = JSON.stringify({ __type: kind, message });
    return () => secretOf({ secretsmanager: "s" }, { status: 400, text });
  };
  expect(
    answer(
      "ResourceNotFoundException",
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    ),
  ).toThrow("secret `s` of Secrets Manager has no value");
  expect(
    answer("InvalidRequestException", "You can't perform this operation because it was marked for deletion."),
  ).toThrow("is scheduled for deletion");
});

test("credentials are those of the variables, else of the container, else of the machine, until they end", async () => {
  server.parameters.set("/a", "secret");
  server.machineKeys = keysOf("MACHINE", "2026-01-01T01:00:00Z");
  const machine = { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.origin };
  const container = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.origin}/container`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/token",
  };
  await open({ ...machine, ...container, ...ownKeys }).read({ ssm: "/a" });
  await open({ ...machine, ...container }).read({ ssm: "/a" });
  const onMachine = open(machine);
  await onMachine.read({ ssm: "/a" });
  server.machineKeys = keysOf("RENEWED");
  nowMs += 54 * 60_000;
  await onMachine.read({ ssm: "/a" });
  nowMs += 6 * 60_000;
  await onMachine.read({ ssm: "/a" });
  expect(who()).toEqual(["AKIAOWN", "CONTAINER", "MACHINE", "MACHINE", "RENEWED"]);
});

test.each([
  ["nothing says whose they are", {}],
  ["the machine has no role", { endpoint: true }],
  ["the metadata service is switched off", { endpoint: true, AWS_EC2_METADATA_DISABLED: "true" }],
])("where %s, no credentials are found", async (_where, { endpoint, ...variables }: { endpoint?: boolean }) => {
  const machine = endpoint === true ? { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.origin } : {};
  await expect(open({ ...machine, ...variables }).read({ ssm: "/a" })).rejects.toMatchObject({
    code: "SECRET_MISSING",
    message: "there are no credentials for Amazon's services",
  });
});

test("a region has to be known", async () => {
  await expect(open({ ...ownKeys, AWS_REGION: "" }).read({ ssm: "/a" })).rejects.toMatchObject({
    code: "SECRET_MISSING",
    message: "`${ssm:…}` needs a region, and AWS_REGION is not set",
  });
});
