// What a Jira does that nobody asked for: limits, refusals, pages in a circle, nothing at all. A project that fails holds up no other.
import { afterEach, expect, test } from "vitest";
import { hourMs, type JiraWorld, openJiraWorld } from "../../support/jira/jira-world.ts";
import { smallSite } from "../../support/jira/small-site.ts";
import { problem } from "../../../examples/pulse/servers/jira/routes.ts";

let world: JiraWorld;
afterEach(async () => await world[Symbol.asyncDispose]());

const keysOf = async (): Promise<readonly unknown[]> => (await world.rows("jira_issues")).map(({ key }) => key);

function jqlOf({ jql }: Readonly<Record<string, unknown>>): string {
  return typeof jql === "string" ? jql : "";
}

test("a bad token ends the run before anything else is asked for", async () => {
  world = await openJiraWorld(smallSite(), { given: "another-token" });
  const { run } = await world.collect();
  expect(run.error).toMatchObject({ code: "AUTHENTICATION_FAILED", disposition: "fail" });
  expect(world.server.exchanges.every(({ status }) => status === 401)).toBe(true);
});

test("a project that fails leaves the others, and only it is behind in the next run", async () => {
  world = await openJiraWorld(smallSite());
  world.server.script = ({ path, body }) =>
    path.endsWith("/search/jql") && String(body["jql"]).includes('"TEAM" AND') ? problem(400, "no") : undefined;
  const { run } = await world.collect();
  expect([run.state, run.reason]).toEqual(["FINISHED", "partial"]);
  expect(await keysOf()).toEqual(["PROJ1-1", "PROJ1-2", "BARE-4"]);
  world.server.script = () => undefined;
  world.pass(hourMs);
  const from = world.server.exchanges.length;
  const again = await world.collect();
  expect(again.run.reason).toBeUndefined();
  expect(await keysOf()).toEqual(["PROJ1-1", "PROJ1-2", "TEAM-3", "BARE-4"]);
  const asked = world.server.exchanges.slice(from).map(({ body }) => jqlOf(body));
  expect(asked).toContainEqual(expect.stringContaining('"TEAM" AND updated >= 946684800000'));
  expect(asked).not.toContainEqual(expect.stringContaining('"PROJ1" AND updated >= 946684800000'));
  // where none can be asked the run fails with the reason
  world.server.script = ({ path }) => (path.endsWith("/search/jql") ? problem(400, "no") : undefined);
  const { run: failed } = await world.collect();
  expect(failed.error).toMatchObject({ code: "REQUEST_REJECTED", disposition: "fail" });
});

test.each(["retry-after", "reset"] as const)(
  "while Jira refuses requests and says it by %s, none is sent",
  async (says) => {
    world = await openJiraWorld(smallSite(), { concurrency: 1 });
    world.server.script = (_, number) => {
      // in the middle, where requests follow one another
      if (number === 4) world.server.block({ reason: "jira-quota-global-based", seconds: 120, says });
      return undefined;
    };
    const { run } = await world.collect();
    expect(run.state).toBe("FINISHED");
    expect(world.server.exchanges.filter(({ status }) => status === 429)).toHaveLength(1);
    expect(world.server.sentWhileBlocked).toBe(0);
    expect(await keysOf()).toHaveLength(4);
  },
);

test("a burst of one endpoint pauses that endpoint, and all others go on", async () => {
  world = await openJiraWorld(smallSite());
  const sentAt: [path: string, atMs: number][] = [];
  const startedAtMs = world.project.now.getTime();
  world.server.script = ({ path }) => {
    if (sentAt.length === 0) {
      world.server.block({ reason: "jira-burst-based", seconds: 120, endpoint: "/rest/agile/1.0/board" });
    }
    sentAt.push([path, world.project.now.getTime() - startedAtMs]);
    return undefined;
  };
  const { run } = await world.collect();
  expect(run.state).toBe("FINISHED");
  expect(world.server.sentWhileBlocked).toBe(0);
  const early = new Set(sentAt.filter(([, atMs]) => atMs < 120_000).map(([path]) => path));
  expect(early).toContain("/rest/api/3/users/search");
  expect(early).toContain("/rest/api/3/project/PROJ1/statuses");
  expect(sentAt.filter(([path]) => path === "/rest/agile/1.0/board").map(([, atMs]) => atMs)).toEqual([0, 120_000]);
  expect(await keysOf()).toHaveLength(4);
});

test("a gateway that refuses without a word is asked again later", async () => {
  world = await openJiraWorld(smallSite());
  world.server.script = (_, number) => (number === 4 ? problem(429, "Too many requests") : undefined);
  const { run } = await world.collect();
  expect(run.state).toBe("FINISHED");
  expect(await keysOf()).toHaveLength(4);
});

test("a board without sprints, which answers 400, is left out", async () => {
  const { boards } = smallSite();
  world = await openJiraWorld(smallSite({ boards: boards.filter(({ id }) => id === 2) }));
  world.server.script = ({ path }) =>
    path.endsWith("/sprint") ? problem(400, "The board does not support sprints") : undefined;
  const { run } = await world.collect();
  expect(run.state).toBe("FINISHED");
  expect(await world.rows("jira_sprints")).toEqual([]);
});

test("a site without issues, boards and sprints has empty datasets", async () => {
  world = await openJiraWorld(smallSite({ issues: [], changes: [], boards: [], sprints: [] }));
  const { run } = await world.collect();
  expect([run.state, run.error]).toEqual(["FINISHED", undefined]);
  expect(await world.rows("jira_issues")).toEqual([]);
  expect(await world.rows("jira_changes")).toEqual([]);
  expect(await world.rows("jira_boards")).toEqual([]);
  expect(await world.rows("jira_sprints")).toEqual([]);
});

test("a token of a page that comes again fails the project instead of going round for ever", async () => {
  world = await openJiraWorld(smallSite(), { job: { projects: ["BARE"] } });
  world.server.script = ({ path, body }) =>
    path.endsWith("/search/jql") && String(body["jql"]).includes('"BARE" AND')
      ? { status: 200, body: { issues: [{ id: "20004", key: "BARE-4" }], nextPageToken: "same" } }
      : undefined;
  const { run } = await world.collect();
  expect(run.error).toMatchObject({
    code: "PAGINATION_BROKEN",
    message: expect.stringContaining("page 2: its rows are those of the page before") as unknown,
  });
});

test("a first backfill is cut into parts by when issues changed, and comes to the same rows", async () => {
  world = await openJiraWorld(smallSite(), { job: { from: "2025-11-01", chunks: "monthly" } });
  const { run } = await world.collect();
  expect(run.state).toBe("FINISHED");
  const asked = world.server.exchanges.map(({ body }) => jqlOf(body)).filter((jql) => jql.includes('"BARE" AND'));
  expect(asked[0]).toMatch(/updated >= \d+ AND \(updated < \d+ OR updated >= -60m\)/);
  expect(await keysOf()).toEqual(["PROJ1-1", "PROJ1-2", "TEAM-3", "BARE-4"]);
});
