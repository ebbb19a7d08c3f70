// The verbs about streams: topics with their records, and the groups that work through them.
import { Argument, type Command, Option } from "commander";
import type { LoadAction } from "./load-action.ts";

/** Adds them to the command line. */
export function addStreamCommands(program: Command, load: LoadAction): void {
  addTopic(program, load);
  addGroups(program, load);
  addReplay(program, load);
}

function addReplay(program: Command, load: LoadAction): void {
  program
    .command("replay")
    .description(
      "handle the records of a job's topics once more beside the live group, list such replays, make the result of one the datasets, or cancel it",
    )
    .argument("<what>", "a job; or `list`, `swap` or `cancel`")
    .argument("[name]", "for `swap` and `cancel` a replay like `sums@replay-1`; for `list` a job")
    .option("--from <place>", "where it begins in each partition: `earliest`, an offset or an instant", "earliest")
    .option("--to <place>", "where it ends: an offset or an instant; without it where the topics end now")
    .option("--swap", "make the result the datasets as soon as it is ready")
    .option("--name <name>", "what it is called; without it, its number")
    .option("--with-effects", "append what handlers produce, and let them use connections")
    .option("--reason <text>", "why, for the audit")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/streams/replay.ts"), "replay"));
}

function addTopic(program: Command, load: LoadAction): void {
  program
    .command("topic")
    .description(
      "list topics, describe one, append records to it, look at them or follow them, forget them; or look after records that could not be handled",
    )
    .addArgument(
      new Argument("[action]", "what to do")
        .choices(["list", "describe", "produce", "tail", "peek", "trim", "delete", "dead-letters"])
        .default("list"),
    )
    .argument("[name]", "of the topic; for `dead-letters`: list, show, retry or discard")
    .argument("[ids...]", "numbers of dead letters")
    .option("--partition <number>", "only this partition, of `peek`, `tail` and `trim`")
    .option("--offset <number>", "from this record on, with `--partition`")
    .option("--since <instant>", "from the first record at or after this time on")
    .addOption(new Option("--from <end>", "from the start, or the newest").choices(["start", "end"]))
    .option("--key <text>", "only records of this key")
    .option("--limit <number>", "how many records `peek` shows, or `dead-letters` lists", "50")
    .option("--file <path>", "what `produce` appends, a JSON value a line; `-` reads it from stdin", "-")
    .option("--records", "lines of `produce` are objects with `value`, and `key`, `headers` or `at`")
    .option("--idempotency-key <text>", "`produce` of the same lines with the same text appends nothing twice")
    .option("--before <offset>", "`trim` the records before it, with `--partition`")
    .option("--before-time <instant>", "`trim` the records before the first one at or after this time")
    .option("--all", "`trim` all that is there now")
    .option("--unread", "`trim` although a group has not read them")
    .option("--group <name>", "dead letters of this group; `retry` and `discard` take all open ones")
    .option("--topic <name>", "only dead letters of this topic")
    .option("--state <state>", "only dead letters that are open, retried or discarded")
    .option("--value <json>", "`retry` a dead letter with this in place of its value")
    .option("--value-file <path>", "the same from a file; `-` reads it from stdin")
    .option(
      "--yes",
      "do it; without this `trim`, `delete`, and `retry` and `discard` of a group tell what they would do",
    )
    .option("--dry-run", "tell what would be done, and change nothing")
    .option("--reason <text>", "why, for the audit")
    .option("--json", "print as JSON; records one a line")
    .action(load(() => import("./commands/streams/topic.ts"), "topic"));
}

function addGroups(program: Command, load: LoadAction): void {
  program
    .command("group")
    .description("list the groups that work through topics, describe one, or put it to another place")
    .addArgument(new Argument("[action]", "what to do").choices(["list", "describe", "seek"]).default("list"))
    .argument("[name]", "of the group: that of its job")
    .option("--to <place>", "where `seek` puts it: `start`, `end`, an offset with `--partition`, or an instant")
    .option("--topic <name>", "only the places in this topic")
    .option("--partition <number>", "only the place in this partition")
    .option("--yes", "do it; without this `seek` tells what it would do")
    .option("--dry-run", "tell what would be done, and change nothing")
    .option("--reason <text>", "why, for the audit")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/streams/group.ts"), "group"));
  program
    .command("batch")
    .description("list the batches that a group has taken, or let it go on behind one that no run can work through")
    .addArgument(new Argument("<action>", "what to do").choices(["list", "give-up"]))
    .argument("<name>", "a group; for `give-up` a batch like `dashboard/12`")
    .option("--limit <number>", "how many are listed", "20")
    .option("--reason <text>", "why, for the audit")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/streams/batch.ts"), "batch"));
}
