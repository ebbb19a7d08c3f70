// The figures of delivery are those that are true of an organisation.
import { expect, test } from "vitest";
import { createOrganisation, type Organisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { createTestProject } from "../../../src/testing.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";
import { toNumber, toSeconds } from "../../support/pulse/to-values.ts";

const small = { repositories: 9, pullRequests: 150, deployments: 80, issues: 40, sprints: 2 };
/** What the job reads. */
const doraInputs = /^(?!.*(?:releases|workflow_runs)$)github_|^jira_issues$/;
const now = "2026-03-01T00:00:00Z";

function dora(organisation: Organisation) {
  return doraJob({ name: "dora", services: organisation.truth.services });
}

test.each([1, 2])("deployments, changes and stages are those that are true of organisation %d", async (seed) => {
  const organisation = createOrganisation({ ...small, seed });
  const { truth } = organisation;
  await using project = await createTestProject({ now });
  const run = await project.run(dora(organisation), { inputs: toInputs(organisation, doraInputs) });
  const deployments = run.output["delivery_deployments"]!.map((row) => ({
    service: row["service"],
    repositoryId: Number(row["repository_id"]),
    deploymentId: Number(row["deployment_id"]),
    environment: row["environment"],
    deployedAt: toSeconds(row["deployed_at"]),
    isBaseline: row["is_baseline"],
    isFailed: row["is_failed"],
    restoredAt: toSeconds(row["restored_at"]),
    isUnplanned: row["is_unplanned"],
  }));
  const byId = (a: { deploymentId: number }, b: { deploymentId: number }): number => a.deploymentId - b.deploymentId;
  expect(deployments.toSorted(byId)).toEqual(
    truth.deployments
      .map((one) => ({ ...one, deployedAt: toSeconds(one.deployedAt), restoredAt: toSeconds(one.restoredAt) }))
      .toSorted(byId),
  );
  const changes = new Map(
    run.output["delivery_changes"]!.map((row) => [
      `${String(row["service"])}#${String(row["repository_id"])}#${String(row["number"])}`,
      row,
    ]),
  );
  for (const change of truth.changes) {
    const row = changes.get(`${change.service}#${change.repositoryId}#${change.number}`);
    expect({
      deploymentId: toNumber(row?.["deployment_id"]),
      codingSeconds: toNumber(row?.["coding_seconds"]),
      pickupSeconds: toNumber(row?.["pickup_seconds"]),
      reviewSeconds: toNumber(row?.["review_seconds"]),
      mergeWaitSeconds: toNumber(row?.["merge_wait_seconds"]),
      deploySeconds: toNumber(row?.["deploy_seconds"]),
      leadSeconds: toNumber(row?.["lead_seconds"]),
    }).toEqual({
      deploymentId: change.deploymentId,
      codingSeconds: change.codingSeconds,
      pickupSeconds: change.pickupSeconds,
      reviewSeconds: change.reviewSeconds,
      mergeWaitSeconds: change.mergeWaitSeconds,
      deploySeconds: change.deploySeconds,
      leadSeconds: change.leadSeconds,
    });
  }
});

test("a second run changes nothing, and one after a change computes that service alone", async () => {
  const organisation = createOrganisation({ ...small, seed: 4 });
  await using project = await createTestProject({ now });
  const job = dora(organisation);
  await project.run(job, { inputs: toInputs(organisation, doraInputs) });
  expect((await project.run(job)).result).toMatchObject({ computed: 0, services: 9, changed: [] });
  const { github } = organisation;
  const [first] = github.reviews;
  const reviews = github.reviews.filter(
    (review) => review.repository_id !== first!.repository_id || review.number !== first!.number,
  );
  const changed = { ...organisation, github: { ...github, reviews } };
  const part = await project.run(job, { inputs: toInputs(changed, /^github_reviews$/) });
  // the first repository is that of two services
  expect(part.result).toMatchObject({ computed: 2 });
  const whole = await project.run(job, { isFullRefresh: true });
  for (const dataset of [
    "delivery_changes",
    "delivery_commit_leads",
    "delivery_incidents",
    "delivery_deployments",
    "delivery_dora",
    "delivery_pull_request_metrics",
    "delivery_pull_request_figures",
    "delivery_collaboration",
    "delivery_bus_factor",
  ]) {
    expect(part.output[dataset]).toEqual(whole.output[dataset]);
  }
});

test("other rules compute all services, and say which figures they have moved", async () => {
  const organisation = createOrganisation({ ...small, seed: 5 });
  await using project = await createTestProject({ now });
  await project.run(dora(organisation), { inputs: toInputs(organisation, doraInputs) });
  const { services } = organisation.truth;
  const run = await project.run(doraJob({ name: "dora", services, incidents: { rollbacks: false, reverts: false } }));
  expect(run.result).toMatchObject({ computed: 9, moved: { change_fail_rate: expect.any(Number) } });
  expect(run.result).not.toMatchObject({ moved: { change_lead_time: expect.any(Number) } });
  expect(run.logs.map(({ message }) => message).join("\n")).toContain("the rules of delivery have changed");
});
