// Slips in the way services are talked to: those that lose bytes or tokens, or give secrets away.
import { bug, integration, type PlantedBug, storeContract, unit } from "./planted-bug.ts";

export const connectionBugs: readonly PlantedBug[] = [
  bug("what follows the end of a compressed body is ignored", "the second part of a body is lost", {
    file: "src/connections/http/content-decoders.ts",
    from: "if (bytesWritten === receivedBytes) return null;",
    to: "if (bytesWritten <= receivedBytes) return null;",
    suites: [unit("src/connections/http/send-request.test.ts")],
  }),
  bug("a redirect takes every header along", "the key of one service is told to another one", {
    file: "src/connections/http/redirect.ts",
    from: "return !isElsewhere || harmlessHeaders.has(name);",
    to: "return true;",
    suites: [unit("src/connections/http/redirect.test.ts")],
  }),
  bug("a token is used before it is in the store", "a worker that dies leaves nobody with a valid refresh token", {
    file: "src/connections/auth/token-keeper.ts",
    from: "const isSaved = await store.saveCredential({",
    to: "const isSaved = true; void store.saveCredential({",
    suites: [unit("src/connections/auth/token-keeper.test.ts")],
  }),
  bug(
    "a late holder overwrites the token of the one that overtook it",
    "all workers use a token that the service forgot",
    {
      file: "src/store/connections/credentials.ts",
      from: "where name = ? and holder = ? and version = ?",
      to: "where name = ? and (holder = ? or true) and version = ?",
      suites: [storeContract("workers talk to the same services")],
    },
  ),
  bug("no worker is told before an open breaker", "people start workers, which are not given the run either", {
    file: "src/orchestrator/explain/explain-wait.ts",
    from: "if (failing !== undefined) {",
    to: "if (failing !== undefined && workers.inService > 0) {",
    suites: [unit("src/orchestrator/explain/explain-wait.test.ts")],
  }),
  bug("a pause is only known where it was met", "other workers go on sending, and the service shuts the account", {
    file: "src/connections/gate/request-gate.ts",
    from: "await this.#options.store.blockQuota(this.#options.name, forMs);",
    to: "await Promise.resolve();",
    suites: [unit("src/connections/gate/request-gate.test.ts")],
  }),
  bug("the error of an attempt is recorded as it is", "a secret that a service sends back is in the store", {
    file: "src/core/job/redact-end.ts",
    from: "if (masked === shown) return error;",
    to: "return error;",
    suites: [
      unit("src/core/job/redact-end.test.ts"),
      integration("tests/integration/orchestrator/connections.test.ts"),
    ],
  }),
];
