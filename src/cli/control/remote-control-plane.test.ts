import { afterEach, expect, test, vi } from "vitest";
import { connectControlPlane } from "./remote-control-plane.ts";

afterEach(() => vi.unstubAllGlobals());

test.each([
  [undefined, "set MILLRACE_TOKEN to a token of that server"],
  ["mlr_old", "MILLRACE_TOKEN is no valid token there"],
])("a server that knows no token `%s` is answered with the variable that holds it", async (token, given) => {
  const problem = { code: "UNAUTHENTICATED", detail: "expected a valid token", hint: "send a header", status: 401 };
  const headers = { "content-type": "application/problem+json" };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(problem), { status: 401, headers }));
  await using plane = connectControlPlane({ server: "http://127.0.0.1:4680", token });
  await expect(plane.call("listJobs", { query: {} })).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    message: "expected a valid token",
    hint: `${given}; on its machine, \`millrace token create <name> --role operator\` makes one`,
  });
});
