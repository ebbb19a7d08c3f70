import { githubJob } from "millrace";
import { accounts } from "../accounts.ts";

export default githubJob({
  name: "github_job",
  organization: accounts.organization,
  repositories: { archived: true },
  schedule: { every: "4h", fastRecovery: "30m" },
});
