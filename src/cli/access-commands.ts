// The verbs about services, people who are told, and who may do what: connections, what was sent to services, notifications, tokens.
import { Argument, type Command } from "commander";
import type { LoadAction } from "./load-action.ts";

/** Adds them to the command line. */
export function addAccessCommands(program: Command, load: LoadAction): void {
  program
    .command("connections")
    .description(
      "list the services that jobs talk to, try one, close its breaker, register one with its secrets sealed, or remove it",
    )
    .addArgument(
      new Argument("[action]", "what to do")
        .choices(["list", "test", "reset", "add", "remove", "rekey"])
        .default("list"),
    )
    .argument("[name]", "of the connection")
    .option("--url <address>", "what `test` asks for, relative to the connection", "/")
    .option("--fresh", "`test` forgets the answers that are kept of the connection, too")
    .option("--file <path>", "JSON as under `connections.<name>` of the configuration; `-` reads it from stdin", "-")
    .option("--replace", "`add` although the name is registered already")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/connections.ts"), "connections"));
  program
    .command("requests")
    .description(
      "list what a run asked of services; or what runs have sent that changes something elsewhere, or what became of that",
    )
    .argument("[action]", "a run like r42 or `last`, of which all requests are listed; or `list`, `resolve`", "list")
    .argument("[run]", "whose requests")
    .argument("[request]", "the one to resolve, such as `batch 2`")
    .option("--failed", "of a run only the requests without a good answer")
    .option("--state <state>", "planned, sent, answered or unknown")
    .option("--as <outcome>", "`done`: it was carried out; `again`: it was not, and is sent again")
    .option("--limit <number>", "how many are listed", "100")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/requests.ts"), "requests"));
  program
    .command("notifications")
    .description(
      "list what people were told and what became of it, list channels, try one, or have a message sent again",
    )
    .addArgument(
      new Argument("[action]", "what to do").choices(["list", "channels", "show", "test", "retry"]).default("list"),
    )
    .argument("[name]", "the channel to test, or the number of a notification")
    .option("--state <state>", "only those that are waiting, sent, partly_sent, given_up or dropped")
    .option("--channel <name>", "only those to this channel")
    .option("--job <name>", "only those about this job")
    .option("--limit <number>", "how many are listed", "50")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/notifications.ts"), "notifications"));
  program
    .command("token")
    .description("make, list and revoke the tokens that the server asks for")
    .addArgument(new Argument("[action]", "what to do").choices(["list", "create", "revoke"]).default("list"))
    .argument("[name]", "of a new token, or the id of one to revoke")
    .option("--role <role>", "viewer, operator, editor or admin; each may do what those before it may", "viewer")
    .option("--expires <duration>", "such as 30d; default 90d")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/token.ts"), "token"));
}
