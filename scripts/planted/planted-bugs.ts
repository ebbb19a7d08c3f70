// The bugs that `npm run bugs` plants in the source: small slips of the kind that lose or double work, and where the suites
// must notice each of them.
import { connectionBugs } from "./connection-bugs.ts";
import { convertBugs } from "./convert-bugs.ts";
import { expectationBugs } from "./expectation-bugs.ts";
import { deltaBugs } from "./delta-bugs.ts";
import { environmentBugs } from "./environment-bugs.ts";
import { fileBugs } from "./file-bugs.ts";
import { bug, integration, type PlantedBug, simulation, storeContract, unit } from "./planted-bug.ts";
import { plantedDatabaseBugs } from "./planted-database-bugs.ts";
import { serviceBugs } from "./service-bugs.ts";
import { deltaCareBugs } from "./delta-care-bugs.ts";
import { writeModeBugs } from "./write-mode-bugs.ts";
import { loadBugs } from "./load-bugs.ts";

export const plantedBugs: readonly PlantedBug[] = [
  ...plantedDatabaseBugs,
  ...expectationBugs,
  bug("a completion is accepted without its epoch", "a zombie ends a run that another worker has", {
    file: "src/store/settle/settle.ts",
    from: "lease?.epoch === settlement.epoch && ",
    to: "lease !== undefined && ",
    suites: [storeContract("workers die")],
  }),
  bug("a checkpoint is accepted without its epoch", "a zombie overwrites where its successor is", {
    file: "src/store/rows/fence.ts",
    from: "if (lease?.epoch === fence.epoch) return;",
    to: "if (lease !== undefined) return;",
    suites: [storeContract("leases end")],
  }),
  bug("a claim does not raise the epoch", "the fence cannot tell two attempts apart", {
    file: "src/store/claim/claim.ts",
    from: "epoch: hot.epoch + 1,",
    to: "epoch: Math.max(1, hot.epoch),",
    suites: [storeContract("work comes in")],
  }),
  bug("a tick is not compared with what was seen", "two schedulers start a run each", {
    file: "src/store/schedules/fire-schedules.ts",
    from: "s.next_fire_at = cast(r.value ->> 'seen' as bigint)",
    to: "cast(r.value ->> 'seen' as bigint) > 0",
    suites: [storeContract("schedules fire")],
  }),
  bug("an end is told before it is written", "a crash right after loses the result", {
    file: "src/orchestrator/worker/settler.ts",
    from: "return await this.#writer.write(settlement);",
    to: 'void this.#writer.write(settlement).catch(() => undefined); return "accepted";',
    suites: [simulation],
  }),
  bug("permanent errors are retried", "wrong credentials are tried for hours", {
    file: "src/core/recovery/retry-policy.ts",
    from: 'error.disposition !== "retry" || ',
    to: "",
    suites: [unit("src/core/recovery/retry-policy.test.ts"), simulation],
  }),
  bug("options come in the order of their spec", "jobs read another target than the one named first", {
    file: "src/core/spec/parse-options.ts",
    from: "[...Object.keys(given), ...Object.keys(filled)]",
    to: "Object.keys(filled)",
    suites: [unit("src/core/spec/spec.test.ts")],
  }),
  bug("a missing option is told before an unknown one", "a typing error reads as if something else were wrong", {
    file: "src/core/spec/parse-options.ts",
    from: "problems.find(({ unknown }) => unknown !== undefined) ?? first",
    to: "first",
    suites: [unit("src/core/spec/spec.test.ts")],
  }),
  bug("a wake while nobody waits is forgotten", "work lies there until the next poll", {
    file: "src/orchestrator/upkeep/wake.ts",
    from: "this.#signalled = true;",
    to: "this.#signalled = false;",
    suites: [unit("src/orchestrator/upkeep/wake.test.ts"), simulation],
  }),
  bug("what is told is not written with the end of a run", "a failure that nobody hears of", {
    file: "src/store/settle/settle.ts",
    from: "accepted.flatMap(({ settlement }) => settlement.notices ?? [])",
    to: "[]",
    suites: [storeContract("people are told")],
  }),
  bug("a message is sent by all who look", "people are told everything twice", {
    file: "src/store/notifications/deliver-messages.ts",
    from: "nowMs + Math.ceil(leaseMs),",
    to: "nowMs,",
    suites: [storeContract("people are told")],
  }),
  bug("a message has a new id at each repetition", "a peer cannot tell a repetition from news", {
    file: "src/notifications/email/email-channel.ts",
    from: "messageId: `<${message.uid}@${domain}>`,",
    to: "messageId: `<${Math.random()}@${domain}>`,",
    suites: [unit("src/notifications/email/email-channel.test.ts")],
  }),
  bug("bound runs are for all workers", "a run that is answered out of a recording asks the services themselves", {
    file: "src/store/claim/bound-lanes.ts",
    from: "return owner === workerId || !inService.has(owner);",
    to: "return owner === workerId || inService.has(owner);",
    suites: [storeContract("runs are bound to a worker")],
  }),
  bug("a limit lets one more through", "an API is called more often at once than it allows", {
    file: "src/store/claim/gate-room.ts",
    from: "(capacity ?? Infinity) - held,",
    to: "(capacity ?? Infinity) + 1 - held,",
    suites: [storeContract("runs are bound to a worker")],
  }),
  bug("the slot of a limit outlives its lease", "a limited job stands still for ever", {
    file: "src/store/settle/end-leases.ts",
    from: 'yield* run("delete from slot where run_id in (ids ?)", ids);',
    to: "",
    suites: [storeContract("runs are bound to a worker")],
  }),
  bug("a dependant is let go one parent early", "a job reads what is not written yet", {
    file: "src/store/settle/wake-dependants.ts",
    from: "hot.pending <= satisfied)",
    to: "hot.pending <= satisfied + 1)",
    suites: [storeContract("runs depend on each other")],
  }),
  bug("dependants of a failed run are left waiting", "a pipeline hangs for ever", {
    file: "src/store/settle/wake-dependants.ts",
    from: "if (doomed.length === 0) return [];",
    to: "if (doomed.length >= 0) return [];",
    suites: [storeContract("runs depend on each other")],
  }),
  bug("a loss counts as an attempt", "a restart of the machine uses up the retries", {
    file: "src/store/settle/reap.ts",
    from: "(back ?? []).map(withoutAttempt)",
    to: "back ?? []",
    suites: [storeContract("workers die")],
  }),
  bug("workers are taken for dead too soon", "a live run is given to a second worker", {
    file: "src/store/settle/reap.ts",
    from: "expires_at <= ?`, nowMs, aliveMs);",
    to: "expires_at <= ?`, nowMs, aliveMs + 30_000);",
    suites: [simulation],
  }),
  bug("a promoted run gets lost on the way", "a retry never comes", {
    file: "src/store/settle/promote.ts",
    from: "yield* insertReady(due);",
    to: "yield* insertReady(due.slice(1));",
    suites: [storeContract("work comes in")],
  }),
  bug("an ended run keeps its key", "the next run of that job is never started", {
    file: "src/store/settle/end-runs.ts",
    from: 'yield* run("delete from run_key where run_id in (ids ?)", idList(rows.map((row) => row.run)));',
    to: "",
    suites: [storeContract("work comes in")],
  }),
  bug("numbers of events have a gap", "a client that resumes waits for an event that never comes", {
    file: "src/store/rows/append-events.ts",
    from: "+ row_number() over (partition by e.run_id order by e.position)",
    to: "+ 1 + row_number() over (partition by e.run_id order by e.position)",
    suites: [storeContract("work comes in")],
  }),
  bug("a paused run wakes when its upstream ends", "a person's pause is forgotten", {
    file: "src/store/settle/wake-dependants.ts",
    from: 'if (request?.action === "stop") stopped',
    to: 'if (request?.action === "pause") asked.delete(hot.runId); else if (request?.action === "stop") stopped',
    suites: [storeContract("people control runs")],
  }),
  bug("a unit is written down before it is done", "a crash skips the item that was worked on", {
    file: "src/orchestrator/attempt/run-units.ts",
    from: "const unit = await attemptUnit(key, () => work(item));",
    to: 'await writer.write({ key, state: "done" }); const unit = await attemptUnit(key, () => work(item));',
    suites: [unit("src/orchestrator/attempt/run-units.test.ts"), simulation],
  }),
  bug("a window counts as filled for every tenant", "a backfill leaves out what another tenant has done", {
    file: "src/store/submit/windows.ts",
    from: "and run.window_to = r.value ->> 'to' and run.tenant = r.value ->> 'tenant'",
    to: "and run.window_to = r.value ->> 'to'",
    suites: [storeContract("windows are filled once")],
  }),
  bug("loops of a run share their units", "the second loop over the same keys does nothing after a crash", {
    file: "src/orchestrator/attempt/run-loops.ts",
    from: "lease.saveUnits(units.map((unit) => ({ ...unit, loop })))",
    to: "lease.saveUnits(units)",
    suites: [integration("tests/integration/orchestrator/remembered.test.ts")],
  }),
  bug("a fraction with zeros at its end is a later instant", "a watermark refuses to stay where it is", {
    file: "src/core/schedule/iso-instant.ts",
    from: 'fraction.replace(/0+$/, "")',
    to: "fraction",
    suites: [unit("src/core/dataset/watermark.test.ts")],
  }),
  bug("one upstream that is tried again releases what others keep back", "a job reads what its upstream never wrote", {
    file: "src/store/control/doomed-runs.ts",
    from: ".every(({ parentId }) => free.has(parentId))",
    to: ".some(({ parentId }) => free.has(parentId))",
    suites: [storeContract("people control jobs, pipelines and the orchestrator")],
  }),
  bug("a death counts against all who were aboard", "one run that kills its worker has the others given up", {
    file: "src/store/settle/reap.ts",
    from: "alone: aboard === 1 ? 1 : 0",
    to: "alone: 1",
    suites: [storeContract("workers die")],
  }),
  bug("a suspect begins although its worker stops", "it dies with a worker that was about to leave in order", {
    file: "src/orchestrator/worker/dispatcher.ts",
    from: "if (!this.#stopping) turn.resolve();",
    to: "turn.resolve();",
    suites: [unit("src/orchestrator/worker/dispatcher.test.ts")],
  }),
  bug("a session that broke the SQL engine counts as a victim of it", "its run breaks the engine again and again", {
    file: "src/compute/duckdb/duckdb-session.ts",
    from: 'failure.code === "ENGINE_RESTARTED" ? (this.#broken ?? failure) : failure',
    to: "failure",
    suites: [unit("src/compute/duckdb/duckdb-invalid.test.ts")],
  }),
  bug("fields are counted without the last of a row", "a row that is too wide loses its cell and shifts the others", {
    file: "src/data/sources/csv/csv-scanner.ts",
    from: "if (!isSetAside && this.#delimiters + 1 !== width)",
    to: "if (!isSetAside && this.#delimiters + 1 < width)",
    suites: [unit("src/data/sources/csv")],
  }),
  bug("the first part of a csv file decides alone", "the text behind a million numbers ends the job", {
    file: "src/data/sources/csv/csv-parts.ts",
    from: "joinProfiles(parts.flatMap(",
    to: "joinProfiles(parts.slice(0, 1).flatMap(",
    suites: [unit("src/data/sources/csv")],
  }),
  bug("a declared number is read by the engine although it has more digits", "1.239 becomes 1.24 in a money column", {
    file: "src/data/sources/csv/csv-checked.ts",
    from: ": found <= scale)",
    to: ": found <= scale + 1)",
    suites: [unit("src/data/sources/csv")],
  }),
  bug("an integer has a number more than it has", "the first number behind its highest ends the job", {
    file: "src/data/sources/csv/csv-types.ts",
    from: "highest < 1n << (size - 1n)",
    to: "highest <= 1n << (size - 1n)",
    suites: [unit("src/data/sources/csv")],
  }),
  bug("lines that are set aside have quotes", "a quote in a title takes the header along", {
    file: "src/data/sources/csv/csv-scanner.ts",
    from: "if (this.#records < this.#options.skip) return;",
    to: "if (this.#records + 1 < this.#options.skip) return;",
    suites: [unit("src/data/sources/csv")],
  }),
  bug("a declared day may have a time behind it", "the hour of each event is gone, and the day looks right", {
    file: "src/data/sources/csv/csv-checked.ts",
    from: 'const kinds = type === "DATE" ? ["date"]',
    to: 'const kinds = type === "DATE" ? ["date", "timestamp"]',
    suites: [unit("src/data/sources/csv")],
  }),
  bug("a field that is cut by the end of a chunk is not learned from", "a text among numbers ends the job", {
    file: "src/data/sources/csv/csv-fields.ts",
    from: "if (from < 0) this.#takeCut(column, profiler, chunk.subarray(0, to));",
    to: "if (from < 0) this.#kept = undefined;",
    suites: [unit("src/data/sources/csv")],
  }),
  bug("a struct may lose a field on its way into a table", "the engine's cast drops the field's values in silence", {
    file: "src/compute/widen-type.ts",
    from: "return match !== undefined && fits(field.type, match.type);",
    to: "return match === undefined || fits(field.type, match.type);",
    suites: [unit("src/compute/engine-type.test.ts")],
  }),
  bug("numbers of JSON are taken for exact when they are short enough", "a long number below an array is rounded", {
    file: "src/data/sources/json/json-numbers.ts",
    from: 'const mayHideIntegers = paths.length === 0 || paths.some((path) => path.includes("[*]"));',
    to: "const mayHideIntegers = paths.length === 0;",
    suites: [unit("src/data/sources/json/relation.test.ts")],
  }),
  bug("Parquet files are united by the engine's own types", "half a cent beside whole amounts becomes one", {
    file: "src/data/sources/typed/united-rows.ts",
    from: "sql: isSafe ? plain : selectEach(own, united)",
    to: "sql: plain",
    suites: [unit("src/data/sources/parquet/relation.test.ts")],
  }),
  bug("options of one kind of source are taken beside another", "what a job says of its source means nothing", {
    file: "src/data/sources/source-options.ts",
    from: "if (value === undefined || option in kind.options.shape) continue;",
    to: "if (value === undefined || kind.options.shape) continue;",
    suites: [unit("src/data/jobs/integration-job.test.ts")],
  }),
  bug("long partition values are told apart by how they begin", "rows move to the partition of another value", {
    file: "src/compute/duckdb/duckdb-partitions.ts",
    from: "sha256(${text})",
    to: "sha256(left(${text}, 200))",
    suites: [unit("src/compute/duckdb/duckdb-engine.test.ts")],
  }),
  bug("a retried run publishes again when another came in between", "older rows go over newer ones", {
    file: "src/data/publication-order.ts",
    from: 'mode === "append" || last?.runKey !== writer.runKey || last',
    to: 'mode === "append" || last?',
    suites: [unit("src/data/publication-order.test.ts")],
  }),
  bug("an interrupted SQLite transaction is read past", "each later run fails until a person opens the file", {
    file: "src/data/targets/sqlite/sqlite-file.ts",
    from: "if (!access.readOnly || primaryCode(error) !== readOnlyFile) throw error;",
    to: "if (access.readOnly || primaryCode(error) !== readOnlyFile) throw error;",
    suites: [unit("src/data/targets/sqlite/sqlite-file.test.ts")],
  }),
  bug("a journal may name hidden files of others", "recovery deletes what it did not make", {
    file: "src/data/files/temporary-file.ts",
    from: "return runKey !== undefined && temporary === temporaryFile(path, runKey);",
    to: "return runKey !== undefined;",
    suites: [unit("src/data/publish/recover-staging.test.ts")],
  }),
  bug("the same bad row again leaves the quarantine", "rows are in no table at all after the second delivery", {
    file: "src/data/datasets/quarantine/aside-rows.ts",
    from: "AND (${isAmong(before, aside)} OR NOT ${sameKey(aside)})",
    to: "AND NOT ${sameKey(aside)}",
    suites: [unit("src/data/datasets/quarantine/aside-rows.test.ts")],
  }),
  bug("a run of another store counts as this one", "what it set aside is dropped as if this run had put it there", {
    file: "src/data/datasets/quarantine/aside-columns.ts",
    from: " AND ${timeColumn} >= ${since}",
    to: "",
    suites: [unit("src/data/datasets/quarantine/aside-rows.test.ts")],
  }),
  bug(
    "table names that differ in the case of an umlaut are one table",
    "columns of the other table are taken for its own",
    {
      file: "src/core/dataset/dataset-location.ts",
      from: "/[A-Z]/g",
      to: "/\\p{Lu}/gu",
      suites: [unit("src/data/targets/duckdb/duckdb-file.test.ts")],
    },
  ),
  bug("a reset deletes tables under a run that executes", "the version that the run records has lost its rows", {
    file: "src/orchestrator/submission/dataset-job.ts",
    from: "await store.assertForgettable(planned);",
    to: "",
    suites: [integration("tests/integration/orchestrator/dataset-reset.test.ts")],
  }),
  bug("bounds that are text are cast to the column", "a bound of 1.5 on integers is 2, and wrong rows pass", {
    file: "src/data/checks/checks.ts",
    from: "const isPlain = isNumeric(type) && ",
    to: 'const isPlain = typeof value === "number" && isNumeric(type) && ',
    suites: [unit("src/data/checks/checks.test.ts")],
  }),
  bug("a backfill takes params that no job declares", "a slip of the pen fills every window of a range once more", {
    file: "src/server/rest/job-actions.ts",
    from: "  checkParams(target, backfillParams(target, params));\n",
    to: "",
    suites: [integration("tests/integration/cli/wrong-names.test.ts")],
  }),
  bug("`--yes` is stronger than `--dry-run`", "who wants to see what a reset would delete has deleted it", {
    file: "src/cli/commands/control/datasets.ts",
    from: "options.yes && !options.dryRun",
    to: "options.yes",
    suites: [integration("tests/integration/data/quarantine-commands.test.ts")],
  }),
  bug("who follows a log reads on behind its newest line", "a line that is written down late is never shown", {
    file: "src/cli/control/recent-lines.ts",
    from: "oldest.atMs >= nowMs - latenessMs && count <= maxLines",
    to: "count <= 0",
    suites: [unit("src/cli/control/read-logs.test.ts")],
  }),
  bug("a dataset that no job publishes is no matter", "a misspelt input is found by the run that needs it, at night", {
    file: "src/project/assert-references.ts",
    from: "for (const name of of.inputs) yield",
    to: "for (const name of of.declaredExternal) yield",
    suites: [unit("src/project/assert-references.test.ts")],
  }),
  bug("two jobs of a project may publish one dataset", "each run undoes or doubles what the other published", {
    file: "src/project/assert-single-producers.ts",
    from: "if (other !== undefined) throw",
    to: "if (other === job) throw",
    suites: [unit("src/project/assert-single-producers.test.ts")],
  }),
  bug("`run` works here although the environment names a server", "it publishes in the wrong place", {
    file: "src/cli/works-here.ts",
    from: 'if (verb !== "run") return',
    to: "if (here !== way) return",
    suites: [unit("src/cli/works-here.test.ts")],
  }),
  bug("a value of a query is written into its text", "what a person typed is executed as SQL", {
    file: "src/data/publish/query/ask-rows.ts",
    from: "${await session.bind(value)}",
    to: "'${String(value)}'",
    suites: [integration("tests/integration/data/asked-rows.test.ts")],
  }),
  ...connectionBugs,
  ...serviceBugs,
  ...fileBugs,
  ...convertBugs,
  ...deltaCareBugs,
  ...environmentBugs,
  ...writeModeBugs,
  ...loadBugs,
  ...deltaBugs,
];
