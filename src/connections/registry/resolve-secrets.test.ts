import { expect, test } from "vitest";
import { env, secretFile } from "../../core/connection/secret.ts";
import type { HttpConnectionOptions } from "../../core/connection/connection-options.ts";
import { resolveSecrets, type SecretSources } from "./resolve-secrets.ts";

function givenSources(): SecretSources & { readonly secrets: string[] } {
  const secrets: string[] = [];
  return {
    secrets,
    readVariable: (name) => ({ TOKEN: "from the environment", EMPTY: "" })[name],
    readFile: (path) => (path === "key.pem" ? "from a file\n" : undefined),
    readService: (reference) => Promise.resolve(`of ${JSON.stringify(reference)}`),
    onSecret: (secret) => void secrets.push(secret),
  };
}

test("references become secrets at any depth, each of them is masked, and the rest stays", async () => {
  const sources = givenSources();
  const sign = (): Record<string, string> => ({});
  const options: HttpConnectionOptions = {
    baseUrl: "https://x.example",
    auth: { jwt: { tokenUrl: "https://x.example/token", issuer: "me", key: secretFile("key.pem") }, sign },
    headers: { "x-key": env("TOKEN") },
    otherOrigins: ["https://y.example"],
  };
  expect(await resolveSecrets(options, "connection `crm`", sources)).toEqual({
    ...options,
    auth: { jwt: { tokenUrl: "https://x.example/token", issuer: "me", key: "from a file" }, sign },
    headers: { "x-key": "from the environment" },
  });
  expect(sources.secrets).toEqual(["from a file", "from the environment"]);
});

test("secrets that stand in the settings are masked, too", async () => {
  const sources = givenSources();
  const options = {
    auth: { basic: { user: "me", password: "one" }, bearer: "two", apiKey: { header: "x", value: "three" } },
  };
  await resolveSecrets(options, "connection `crm`", sources);
  expect(sources.secrets).toEqual(["one", "two", "three"]);
});

test.each([
  [env("MISSING"), "connection `crm` needs the environment variable `MISSING`, which is not there or empty"],
  [env("EMPTY"), "connection `crm` needs the environment variable `EMPTY`, which is not there or empty"],
  [secretFile("no.pem"), "connection `crm` needs the file `no.pem`, which is not there or empty"],
])("%o that is not there is named", async (reference, message) => {
  const resolved = resolveSecrets({ bearer: reference }, "connection `crm`", givenSources());
  await expect(resolved).rejects.toMatchObject({ code: "SECRET_MISSING", message });
});

test.each([
  ["${env:TOKEN}", "from the environment", ["from the environment"]],
  ["${file:key.pem}", "from a file", ["from a file"]],
  ["${ssm:/prod/crm/token}", 'of {"ssm":"/prod/crm/token"}', ['of {"ssm":"/prod/crm/token"}']],
  [
    "${secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:crm-Ab1#password}",
    'of {"secretsmanager":"arn:aws:secretsmanager:eu-west-1:1:secret:crm-Ab1","key":"password"}',
    ['of {"secretsmanager":"arn:aws:secretsmanager:eu-west-1:1:secret:crm-Ab1","key":"password"}'],
  ],
  ["a ${env:TOKEN} b ${file:key.pem}", "a from the environment b from a file", ["from the environment", "from a file"]],
  ["$env:TOKEN ${} {{x}} ${a.b} $${", "$env:TOKEN ${} {{x}} ${a.b} $${", []],
])("%s in a text is %s", async (text, resolved, secrets) => {
  const sources = givenSources();
  expect(await resolveSecrets({ deep: [{ text }] }, "job `load`", sources)).toEqual({ deep: [{ text: resolved }] });
  expect(sources.secrets).toEqual(secrets);
});

test.each([
  ["${emv:TOKEN}", "job `load` has a reference of unknown kind `emv`, did you mean `env`?", "CONFIG_INVALID"],
  ["${ssm:}", "job `load` has a reference that names nothing: `${ssm:}`", "CONFIG_INVALID"],
  ["${secretsmanager:crm#}", "that names nothing", "CONFIG_INVALID"],
  ["x${env:MISSING}", "job `load` needs the environment variable `MISSING`", "SECRET_MISSING"],
])("%s is refused", async (text, message, code) => {
  const resolved = resolveSecrets({ text }, "job `load`", givenSources());
  await expect(resolved).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});
