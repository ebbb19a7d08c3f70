import { sprintJob } from "millrace";

export default sprintJob({ name: "sprints", schedule: { cron: "30 * * * *" } });
