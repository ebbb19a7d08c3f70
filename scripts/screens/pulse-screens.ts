// The screens of teams, of a new project of Pulse: its organisation has worked up to this week, so that weeks have figures.
import { CliProject } from "../../tests/support/cli/cli-project.ts";
import { type Screen, takeScreens } from "./take-screens.ts";

export const pulseScreens: readonly Screen[] = [
  {
    name: "delivery",
    path: "/delivery?service=checkout&period=month",
    shows: "What lead time is made of",
    isOnPhone: true,
  },
  { name: "sprints", path: "/sprints", shows: "Burndown of", isOnPhone: true },
  { name: "workflows", path: "/workflows", shows: "What people have said" },
  { name: "collection", path: "/collection", shows: "github_job" },
];

/** @param screens of `pulseScreens` */
export async function takePulseScreens(screens: readonly Screen[]): Promise<void> {
  await using project = await CliProject.create({});
  // the pictures have the name of its folder
  const inside = ["--project", "pulse"];
  for (const command of [
    ["init", "pulse", "--template", "pulse"],
    [...inside, "run", "pulse"],
  ]) {
    const { code, stderr } = await project.run(...command);
    if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  }
  const server = project.start(...inside, "dev", "--port", "0");
  try {
    await server.waitForNote("logs one browser in");
    const [loginUrl] = /http:\/\/\S+#token=\S+/.exec(server.stderr) ?? [];
    if (loginUrl === undefined) throw new Error(`the server says no address: ${server.stderr}`);
    await takeScreens(loginUrl, screens);
  } finally {
    server.kill("SIGTERM");
    await server.ended;
  }
}
