// What a site holds in the JSON of Jira: people as objects, times with an offset that has no colon, custom fields by their id.
import type { JiraSite } from "./jira-site.ts";
import type { Change, Issue, Project, Sprint, Status } from "../../organisation/entities.ts";

type Json = Readonly<Record<string, unknown>>;

/** `2026-01-31T06:00:00.000+0000`. */
export function toJiraTime(instant: string | null): string | null {
  return instant === null ? null : new Date(instant).toISOString().replace("Z", "+0000");
}

export class JiraJson {
  readonly #site: JiraSite;
  readonly #base: string;
  /** Whether people have an `accountId`, or a name and a key as on a server of one's own. */
  readonly #isCloud: boolean;

  constructor(site: JiraSite, base: string, isCloud: boolean) {
    this.#site = site;
    this.#base = base;
    this.#isCloud = isCloud;
  }

  #api(path: string): string {
    return `${this.#base}/rest/api/${this.#isCloud ? 3 : 2}/${path}`;
  }

  user(accountId: string | null): Json | null {
    if (accountId === null) return null;
    const known = this.#site.data.users.find((user) => user.account_id === accountId);
    const displayName = known?.display_name ?? "Former user";
    const active = known?.is_active ?? false;
    if (!this.#isCloud) {
      return { self: this.#api(`user?username=${accountId}`), name: accountId, key: accountId, displayName, active };
    }
    const accountType = known?.kind ?? "atlassian";
    const avatarUrls = { "48x48": `${this.#base}/avatar.png` };
    return { self: this.#api(`user?accountId=${accountId}`), accountId, accountType, avatarUrls, displayName, active };
  }

  project({ id, key, name, style, lead }: Project): Json {
    const cloud = this.#isCloud ? { style, simplified: style === "next-gen", isPrivate: false, properties: {} } : {};
    const leads = lead === null ? {} : { lead: this.user(lead) };
    return { self: this.#api(`project/${id}`), id, key, name, projectTypeKey: "software", ...cloud, ...leads };
  }

  status({ id, name, category_key: key, project_id: project }: Status): Json {
    const scope = project === null ? {} : { scope: { type: "PROJECT", project: { id: project } } };
    return {
      self: this.#api(`status/${id}`),
      description: "",
      iconUrl: "",
      name,
      id,
      statusCategory: this.category(key),
      ...scope,
    };
  }

  category(key: Status["category_key"]): Json {
    const id = { undefined: 1, new: 2, done: 3, indeterminate: 4 }[key];
    return { self: this.#api(`statuscategory/${id}`), id, key, colorName: "blue-gray", name: key };
  }

  /** @param fields names that are asked for; `undefined` asks for all */
  issue(issue: Issue, fields: readonly string[] | undefined): Json {
    const all = this.#fields(issue);
    const isAll = fields === undefined || fields.includes("*all") || fields.includes("*navigable");
    const wanted = isAll
      ? Object.entries(all)
      : fields.flatMap((name) => (name in all ? [[name, all[name]] as const] : []));
    return {
      expand: "",
      id: issue.id,
      self: this.#api(`issue/${issue.id}`),
      key: issue.key,
      fields: Object.fromEntries(wanted),
    };
  }

  /** What a list of ids has. */
  issueId({ id, key }: Issue): Json {
    return { expand: "", id, self: this.#api(`issue/${id}`), key };
  }

  #fields(issue: Issue): Json {
    const site = this.#site;
    const project = site.data.projects.find(({ key }) => key === issue.project_key);
    const status = site.data.statuses.find(({ id }) => id === issue.status_id);
    const parent = issue.parent_id === null ? undefined : site.issues.get(issue.parent_id);
    const sprints = issue.sprint_ids.flatMap((id) => site.sprints.get(Number(id)) ?? []);
    return {
      summary: issue.summary,
      issuetype: { id: issue.type, name: issue.type, subtask: issue.is_subtask, self: this.#api("issuetype/1") },
      status: this.status({
        id: issue.status_id,
        name: issue.status_name,
        category_key: issue.status_category,
        project_id: status?.project_id ?? null,
        is_current: true,
      }),
      priority: { id: issue.priority, name: issue.priority, self: this.#api("priority/1") },
      assignee: this.user(issue.assignee),
      reporter: this.user(issue.reporter),
      labels: issue.labels,
      resolution:
        issue.resolution === null ? null : { id: "1", name: issue.resolution, self: this.#api("resolution/1") },
      created: toJiraTime(issue.created_at),
      updated: toJiraTime(issue.updated_at),
      resolutiondate: toJiraTime(issue.resolved_at),
      project: project === undefined ? { key: issue.project_key } : this.project(project),
      ...(parent === undefined
        ? {}
        : { parent: { id: parent.id, key: parent.key, self: this.#api(`issue/${parent.id}`) } }),
      [site.sprintField]: sprints.length === 0 ? null : sprints.map((sprint) => this.#sprintField(sprint)),
      [site.pointsField(issue.project_key)]: issue.points,
      ...site.extraFields(issue.id),
    };
  }

  #sprintField({ id, name, state, board_id: boardId }: Sprint): unknown {
    if (this.#isCloud) return { id, name, state, boardId };
    // what versions of before 2021 print of an object
    return `com.atlassian.greenhopper.service.sprint.Sprint@1[id=${id},rapidViewId=${boardId},state=${state.toUpperCase()},name=${name}]`;
  }

  sprint(sprint: Sprint): Json {
    const { id, state, name, goal, board_id: originBoardId, start_at: startDate, end_at: endDate } = sprint;
    const { complete_at: completeDate } = sprint;
    const times = Object.entries({ startDate, endDate, completeDate }).filter(([, at]) => at !== null);
    const self = `${this.#base}/rest/agile/1.0/sprint/${id}`;
    return { id, self, state, name, ...Object.fromEntries(times), originBoardId, goal: goal ?? "" };
  }

  /** Histories of an issue, oldest first. @param fieldIds those that are asked for; `undefined` asks for all */
  histories(issue: Issue, fieldIds: readonly string[] | undefined): readonly Json[] {
    const groups = new Map<string, Change[]>();
    for (const change of this.#site.changesOf(issue.id)) {
      const [history = ""] = change.id.split("-");
      groups.set(history, [...(groups.get(history) ?? []), change]);
    }
    return [...groups].flatMap(([id, changes]) => {
      const items = changes
        .map((change) => this.#item(issue, change))
        .filter(({ fieldId }) => fieldIds === undefined || fieldIds.includes(String(fieldId)));
      const [first] = changes;
      if (items.length === 0 || first === undefined) return [];
      return [{ id, author: this.user(first.author) ?? undefined, created: toJiraTime(first.created_at), items }];
    });
  }

  #item({ project_key: key }: Issue, change: Change): Json {
    const site = this.#site;
    const custom: Partial<Record<Change["field"], readonly [field: string, fieldId: string]>> = {
      Sprint: ["Sprint", site.sprintField],
      points: ["Story Points", site.pointsField(key)],
      Flagged: ["Flagged", site.flaggedField],
    };
    const [field, fieldId] = custom[change.field] ?? [change.field, change.field === "Key" ? "issuekey" : change.field];
    return {
      field,
      fieldtype: change.field in custom ? "custom" : "jira",
      fieldId,
      from: change.from_value,
      fromString: change.from_text,
      to: change.to_value,
      toString: change.to_text,
    };
  }
}
