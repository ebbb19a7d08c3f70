// `npm run fuzz [requests]`: asks every route of the server a thousand generated requests over both stores, or as many as are named.
// `npm test` has a sample of them.
import { runCommand } from "./phase-runner.ts";

const requests = Number(process.argv[2] ?? 1_000);
if (Number.isSafeInteger(requests) && requests > 0) {
  process.env["MILLRACE_FUZZ_REQUESTS"] = String(requests);
  process.exitCode = await runCommand(["vitest", "run", "--project", "integration", "tests/integration/server/fuzz"]);
} else {
  console.error(`expected a number of requests for each route, got: \`${process.argv[2]}\``);
  process.exitCode = 2;
}
