// The Jira of an organisation: projects with a board each, sprints, issues beside them, and the incidents of its services.
import type { Incident } from "./deployments.ts";
import type { Board, JiraEntities, Project, Sprint } from "./entities.ts";
import {
  createIssue,
  type IssueDraft,
  putInSprints,
  statuses,
  toIssue,
  toTrueIssue,
  transition,
} from "./issue-draft.ts";
import { type Person, toUsers } from "./people.ts";
import { createRandom, type Random } from "./random.ts";
import { runSprints } from "./sprints.ts";
import type { Truth, TrueSprint } from "./truth.ts";

export interface JiraRequest {
  readonly seed: number;
  readonly people: readonly Person[];
  readonly projects: number;
  readonly issues: number;
  readonly sprints: number;
  readonly startAt: number;
  readonly untilAt: number;
  readonly incidents: readonly Incident[];
}

export interface JiraHistory {
  readonly rows: JiraEntities;
  readonly truth: Pick<Truth, "issues" | "sprints">;
}

const day = 86_400;
const points: readonly (number | null)[] = [1, 2, 3, 5, 8, null];

export function createJira(request: JiraRequest): JiraHistory {
  const random = createRandom(request.seed, "jira");
  const projects = createProjects(request);
  const drafts: IssueDraft[] = [];
  const create = createFactory(random, request, drafts);
  const sprints: Sprint[] = [];
  const truth: TrueSprint[] = [];
  for (const [index, { key }] of projects.entries()) {
    const other = projects[(index + 1) % projects.length]?.key;
    const count = sprintsOf(request, index);
    if (count === 0) continue;
    const history = runSprints({
      random,
      boardId: 100 + index,
      firstId: 1000 + index * 500,
      count,
      startAt: request.startAt,
      issues: Math.max(4, Math.floor((request.issues * 0.25) / request.sprints)),
      create: (createdAt, sprintIds) => create({ projectKey: key, createdAt, sprintIds }),
      keyElsewhere:
        other === undefined || other === key ? null : () => ({ projectKey: other, key: create.keyOf(other) }),
    });
    sprints.push(...history.sprints);
    truth.push(...history.truth);
  }
  for (const incident of request.incidents) addIncident(create, incident, projects[0]?.key ?? "PAY");
  while (drafts.length < request.issues) liveAlone(random, request, create, random.pick(projects).key);
  return {
    rows: {
      projects,
      statuses,
      boards: projects.map(toBoard),
      issues: drafts.map(toIssue),
      changes: drafts.flatMap(({ changes }) => changes),
      sprints,
      users: toUsers(request.people),
    },
    truth: { issues: drafts.filter(({ isDeleted }) => !isDeleted).map(toTrueIssue), sprints: truth },
  };
}

interface Factory {
  (issue: {
    readonly projectKey: string;
    readonly createdAt: number;
    readonly sprintIds?: readonly string[];
    readonly incident?: Incident;
  }): IssueDraft;
  readonly keyOf: (projectKey: string) => string;
}

function createFactory(random: Random, { people }: JiraRequest, drafts: IssueDraft[]): Factory {
  const numbers = new Map<string, number>();
  const keyOf = (projectKey: string): string => {
    const number = (numbers.get(projectKey) ?? 0) + 1;
    numbers.set(projectKey, number);
    return `${projectKey}-${number}`;
  };
  const create = ({ projectKey, createdAt, sprintIds, incident }: Parameters<Factory>[0]): IssueDraft => {
    const type =
      incident === undefined ? random.pick(["Story", "Story", "Task", "Bug", "Bug", "Sub-task"]) : "Incident";
    const issue = createIssue({
      id: String(10_000 + drafts.length),
      key: keyOf(projectKey),
      projectKey,
      summary: incident?.summary ?? `${type} ${drafts.length}`,
      type,
      labels: incident?.labels ?? [],
      assignee: random.chance(0.1) ? null : random.pick(people).accountId,
      reporter: random.pick(people).accountId,
      createdAt,
      points: incident === undefined ? random.pick(points) : null,
      sprintIds: sprintIds ?? [],
    });
    if (type === "Sub-task") issue.parentId = drafts.at(-1)?.id ?? null;
    drafts.push(issue);
    return issue;
  };
  return Object.assign(create, { keyOf });
}

function addIncident(create: Factory, incident: Incident, projectKey: string): void {
  const issue = create({ projectKey, createdAt: incident.createdAt, incident });
  transition(issue, incident.createdAt + 1, "3");
  if (incident.resolvedAt !== null) transition(issue, incident.resolvedAt, "10003");
}

/** An issue that no sprint has: done before a status was renamed, done twice, waiting, in work or untouched. */
function liveAlone(random: Random, { startAt, untilAt }: JiraRequest, create: Factory, projectKey: string): void {
  const span = untilAt - startAt;
  const createdAt = Math.floor(startAt + random.next() * span * 0.9);
  const issue = create({ projectKey, createdAt });
  const next = (): number => Math.min(untilAt, issue.updatedAt + random.skewed(2 * day));
  const way = random.pick([
    "done",
    "done",
    "done",
    "reopened",
    "open",
    "untouched",
    "direct",
    "renamed",
    "deleted",
  ] as const);
  if (way === "untouched") return;
  if (way === "direct") return transition(issue, next(), "10003");
  transition(issue, next(), "3");
  if (random.chance(0.3)) transition(issue, next(), "10002");
  if (random.chance(0.5)) transition(issue, next(), "10001");
  if (way === "open") return;
  transition(issue, next(), way === "renamed" ? "5" : "10003");
  if (way === "renamed") transition(issue, next(), "10003");
  if (way === "deleted" && random.chance(0.3)) issue.isDeleted = true;
  if (way !== "reopened") return;
  transition(issue, next(), "3");
  if (random.chance(0.8)) transition(issue, next(), "10003");
  if (random.chance(0.1)) putInSprints(issue, next(), []);
}

function createProjects({ projects, people }: JiraRequest): readonly Project[] {
  const keys = [
    "PAY",
    "PROJ1",
    "WEB",
    "OPS_2",
    ...Array.from({ length: Math.max(0, projects - 4) }, (_, index) => `TEAM${index}`),
  ];
  return keys.slice(0, projects).map((key, index) => ({
    id: String(10_000 + index),
    key,
    name: `Project ${key}`,
    style: index % 3 === 2 ? "next-gen" : "classic",
    lead: people[index]?.accountId ?? null,
  }));
}

function toBoard({ key, style }: Project, index: number): Board {
  return {
    id: 100 + index,
    name: `${key} board`,
    type: style === "next-gen" ? "simple" : "scrum",
    project_key: key,
    columns: [
      { name: "To Do", statusIds: ["1"] },
      { name: "In Progress", statusIds: ["3", "10002"] },
      { name: "Review", statusIds: ["10001"] },
      { name: "Done", statusIds: ["10003"] },
    ],
    estimation_field: style === "next-gen" ? "customfield_10016" : "customfield_10026",
  };
}

/** Sprints are spread over the boards; the first ones get one more. */
function sprintsOf({ sprints, projects }: JiraRequest, index: number): number {
  return Math.floor(sprints / projects) + (index < sprints % projects ? 1 : 0);
}
