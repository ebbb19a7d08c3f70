// Secrets of Systems Manager and Secrets Manager as moto keeps them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { AwsSecrets } from "../../../src/connections/secrets/aws-secrets.ts";
import type { ServiceReference } from "../../../src/core/connection/secret-text.ts";
import { type MotoServer, startMoto } from "./moto-server.ts";

let moto: MotoServer;
let secrets: AwsSecrets;
beforeAll(async () => {
  moto = await startMoto("5.2.5");
  const variables: Readonly<Record<string, string>> = {
    AWS_ENDPOINT_URL: moto.origin,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIA",
    AWS_SECRET_ACCESS_KEY: "canary",
  };
  secrets = new AwsSecrets({ readVariable: (name) => variables[name], readFile: () => undefined, now: Date.now });
}, 300_000);
afterAll(async () => {
  await secrets[Symbol.asyncDispose]();
  await moto[Symbol.asyncDispose]();
});

const put = async (target: string, body: object): Promise<void> => expect(await moto.call(target, body)).toBe(200);

test("moto keeps the secrets that are read: encrypted parameters in the clear, texts, and members of JSON", async () => {
  await put("AmazonSSM.PutParameter", { Name: "/prod/token", Value: "décrypté", Type: "SecureString" });
  await put("secretsmanager.CreateSecret", { Name: "crm", SecretString: '{"password":"the member"}' });
  expect(await secrets.read({ ssm: "/prod/token" })).toBe("décrypté");
  expect(await secrets.read({ ssm: "/aws/reference/secretsmanager/crm" })).toBe('{"password":"the member"}');
  expect(await secrets.read({ secretsmanager: "crm" })).toBe('{"password":"the member"}');
  expect(await secrets.read({ secretsmanager: "crm", key: "password" })).toBe("the member");
});

test("what moto does not give is told apart: not there, no value, bytes, scheduled for deletion", async () => {
  await put("secretsmanager.CreateSecret", { Name: "empty" });
  await put("secretsmanager.CreateSecret", { Name: "bytes", SecretBinary: "AAEC" });
  await put("secretsmanager.CreateSecret", { Name: "going", SecretString: "soon gone" });
  await put("secretsmanager.DeleteSecret", { SecretId: "going" });
  const told: Record<string, string> = {};
  const references: readonly ServiceReference[] = [
    { ssm: "/gone" },
    ...["gone", "empty", "bytes", "going"].map((secretsmanager) => ({ secretsmanager })),
  ];
  for (const reference of references) {
    const error: unknown = await secrets.read(reference).catch((thrown: unknown) => thrown);
    told[Object.values(reference).join()] = error instanceof Error ? error.message : "was read";
  }
  expect(told).toEqual({
    "/gone": "parameter `/gone` of Systems Manager does not exist",
    gone: "secret `gone` of Secrets Manager does not exist",
    empty: "secret `empty` of Secrets Manager has no value",
    bytes: "secret `bytes` of Secrets Manager is binary",
    going: "secret `going` of Secrets Manager is scheduled for deletion",
  });
});
