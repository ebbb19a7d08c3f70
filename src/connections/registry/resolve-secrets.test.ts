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
    onSecret: (secret) => void secrets.push(secret),
  };
}

test("references become secrets at any depth, each of them is masked, and the rest stays", () => {
  const sources = givenSources();
  const sign = (): Record<string, string> => ({});
  const options: HttpConnectionOptions = {
    baseUrl: "https://x.example",
    auth: { jwt: { tokenUrl: "https://x.example/token", issuer: "me", key: secretFile("key.pem") }, sign },
    headers: { "x-key": env("TOKEN") },
    otherOrigins: ["https://y.example"],
  };
  expect(resolveSecrets(options, "connection `crm`", sources)).toEqual({
    ...options,
    auth: { jwt: { tokenUrl: "https://x.example/token", issuer: "me", key: "from a file" }, sign },
    headers: { "x-key": "from the environment" },
  });
  expect(sources.secrets).toEqual(["from a file", "from the environment"]);
});

test("secrets that stand in the settings are masked, too", () => {
  const sources = givenSources();
  const options = {
    auth: { basic: { user: "me", password: "one" }, bearer: "two", apiKey: { header: "x", value: "three" } },
  };
  resolveSecrets(options, "connection `crm`", sources);
  expect(sources.secrets).toEqual(["one", "two", "three"]);
});

test.each([
  [env("MISSING"), "connection `crm` needs the environment variable `MISSING`, which is not there or empty"],
  [env("EMPTY"), "connection `crm` needs the environment variable `EMPTY`, which is not there or empty"],
  [secretFile("no.pem"), "connection `crm` needs the file `no.pem`, which is not there or empty"],
])("%o that is not there is named", (reference, message) => {
  const resolve = (): unknown => resolveSecrets({ bearer: reference }, "connection `crm`", givenSources());
  expect(resolve).toThrow(expect.objectContaining({ code: "SECRET_MISSING", message }) as Error);
});
