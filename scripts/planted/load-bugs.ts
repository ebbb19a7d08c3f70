// Bugs in load jobs: rows that reach too few places, or go there again, and passwords that are kept.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const loadBugs: readonly PlantedBug[] = [
  bug("what a load has done is not remembered", "a later attempt reads and publishes all places again", {
    file: "src/loads/run-loads.ts",
    from: "await ctx.step(`load ${load.output.dataset}`, () => publish(ctx, job))",
    to: "await publish(ctx, job)",
    suites: [integration("tests/integration/data/load-strategies.test.ts")],
  }),
  bug("two tables of one format share a publication", "the second one takes the place of the first", {
    file: "src/loads/plan-loads.ts",
    from: "formats.every((format) => !last.formats.has(format))",
    to: "formats.length > 0",
    suites: [unit("src/loads/load-job.test.ts")],
  }),
  bug("a password in an address passes for a reference", "it is kept with the run, for all to read", {
    file: "src/connections/database/database-address.ts",
    from: "findPasswordVariable(url) === undefined",
    to: "findPasswordVariable(url) === url.password",
    suites: [unit("src/loads/jdbc/jdbc-address.test.ts")],
  }),
];
