// What becomes of jobs of delivery whose datasets are not there.
import { expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { sprintJob } from "../../../src/integrations/delivery/sprints/sprint-job.ts";
import { createTestProject } from "../../../src/testing.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";

const organisation = createOrganisation({ repositories: 2, pullRequests: 30, deployments: 20, issues: 40, sprints: 3 });

test("a run without deployments says which dataset is missing", async () => {
  await using project = await createTestProject({ now: "2026-03-01T00:00:00Z" });
  const inputs = toInputs(organisation, /^github_(?:repositories|pull_requests)$/);
  await expect(project.run(doraJob({ name: "dora" }), { inputs })).rejects.toMatchObject({
    code: "DATASET_UNKNOWN",
    message: expect.stringContaining("`github_deployments`"),
  });
  await expect(project.run(sprintJob({ name: "sprints", prefix: "other_" }))).rejects.toMatchObject({
    code: "DATASET_UNKNOWN",
    message: expect.stringContaining("`other_issues`"),
  });
});

test("without reviews, commits, comparisons and Jira, what needs them is unknown and the rest is there", async () => {
  await using project = await createTestProject({ now: "2026-03-01T00:00:00Z" });
  const inputs = toInputs(organisation, /^github_(?:repositories|pull_requests|deployments|deployment_statuses)$/);
  const run = await project.run(doraJob({ name: "dora" }), { inputs });
  const overall = new Map(
    run.output["delivery_dora"]!.filter((row) => row["period"] === "all").map((row) => [row["metric"], row]),
  );
  expect(overall.get("deployments")!["value"]).toBeGreaterThan(0);
  expect(overall.get("change_fail_rate")!["value"]).toBe(null);
  expect(overall.has("change_lead_time")).toBe(false);
  expect(run.output["delivery_changes"]!.every((row) => row["lead_seconds"] === null)).toBe(true);
  const compared = run.output["delivery_deployments"]!.map((row) => row["comparison"]);
  expect(new Set(compared)).toEqual(new Set(["baseline", "unknown"]));
});
