// Lists what the command palette offers for a text: results of the server's search, and screens and actions known here.
import type { SearchResult } from "../../../api/control.ts";
import type { Role } from "../../../api/role.ts";
import { call } from "../../queries/api-client.ts";
import { mayCall } from "../../queries/permissions.ts";
import type { Action } from "../actions/action.ts";
import type { IconName } from "../values/icon.tsx";
import { describeState } from "../values/state-appearance.ts";

/** Either goes somewhere or does something. */
export type Command = CommandText &
  ({ readonly to: CommandTarget; readonly action?: undefined } | { readonly to?: undefined; readonly action: Action });

interface CommandText {
  readonly key: string;
  readonly label: string;
  readonly note: string;
  readonly icon: IconName;
}

type CommandTarget =
  | { readonly to: (typeof screens)[number]["to"] }
  | { readonly to: "/jobs/$jobName"; readonly params: { readonly jobName: string } }
  | { readonly to: "/runs/$runId"; readonly params: { readonly runId: string } }
  | { readonly to: "/datasets/$dataset"; readonly params: { readonly dataset: string } };

const screens = [
  { to: "/", label: "Home", icon: "home" },
  { to: "/runs", label: "Runs", icon: "runs" },
  { to: "/failures", label: "Failures", icon: "inbox" },
  { to: "/schedules", label: "Schedules", icon: "calendar" },
  { to: "/datasets", label: "Datasets", icon: "database" },
  { to: "/streams", label: "Streams", icon: "stream" },
  { to: "/checks", label: "Checks", icon: "checks" },
  { to: "/collection", label: "Collection health", icon: "download" },
  { to: "/metrics", label: "Metrics", icon: "chart" },
  { to: "/delivery", label: "Delivery", icon: "bolt" },
  { to: "/sprints", label: "Sprints", icon: "calendar" },
  { to: "/orchestrator", label: "Orchestrator", icon: "orchestrator" },
  { to: "/connections", label: "Connections", icon: "plug" },
  { to: "/notifications", label: "Notifications", icon: "bell" },
  { to: "/settings", label: "Settings", icon: "settings" },
] as const;

/** Results in the order of the server: jobs, with starting the first of them, then runs, then datasets. */
export function toCommands({ jobs, runs, datasets }: SearchResult, role: Role): readonly Command[] {
  const [first] = jobs;
  return [
    ...jobs.map(({ job_name: jobName, kind, description }) => ({
      key: `job:${jobName}`,
      label: jobName,
      note: description ?? kind,
      icon: "orchestrator" as const,
      to: { to: "/jobs/$jobName" as const, params: { jobName } },
    })),
    ...runs.map(({ run_id: runId, job_name: jobName, state, reason }) => ({
      key: `run:${runId}`,
      label: `${runId} of ${jobName}`,
      note: describeState(state, reason).label,
      icon: describeState(state, reason).icon,
      to: { to: "/runs/$runId" as const, params: { runId } },
    })),
    ...datasets.map((dataset) => ({
      key: `dataset:${dataset}`,
      label: dataset,
      note: "dataset",
      icon: "database" as const,
      to: { to: "/datasets/$dataset" as const, params: { dataset } },
    })),
    ...(first === undefined || !mayCall(role, "startJob") ? [] : [startCommand(first.job_name)]),
  ];
}

/** Screens and actions of the orchestrator whose words contain all words of the text. */
export function listCommands(text: string, role: Role): readonly Command[] {
  const commands: readonly Command[] = [
    ...screens.map(({ to, label, icon }) => ({ key: to, label: `Go to ${label}`, note: "screen", icon, to: { to } })),
    ...orchestratorCommands.filter(({ route }) => mayCall(role, route)).map(({ command }) => command),
  ];
  const words = text.toLowerCase().split(/\s+/);
  return commands.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
}

function startCommand(jobName: string): Command {
  const action: Action = {
    label: `Start ${jobName}`,
    icon: "play",
    run: async () => {
      const { run_id: runId } = await call("startJob", { params: { job_name: jobName }, body: {} });
      return `started ${jobName} as ${runId}`;
    },
  };
  return { key: `start:${jobName}`, label: action.label, note: "action", icon: action.icon, action };
}

const orchestratorCommands: readonly {
  readonly route: "startOrchestrator" | "stopOrchestrator";
  readonly command: Command;
}[] = [
  {
    route: "startOrchestrator",
    command: {
      key: "orchestrator:start",
      label: "Start the orchestrator",
      note: "action",
      icon: "play",
      action: {
        label: "Start the orchestrator",
        icon: "play",
        run: async () => {
          await call("startOrchestrator", { body: {} });
          return "the orchestrator takes runs";
        },
      },
    },
  },
  {
    route: "stopOrchestrator",
    command: {
      key: "orchestrator:stop",
      label: "Stop the orchestrator",
      note: "action",
      icon: "pause",
      action: {
        label: "Stop the orchestrator",
        icon: "pause",
        isDanger: true,
        confirm: { title: "Stop the orchestrator?", text: "Workers finish what they have and take no more runs." },
        run: async (body) => {
          await call("stopOrchestrator", { body });
          return "the orchestrator takes no more runs";
        },
      },
    },
  },
];
