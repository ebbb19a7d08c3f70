import { sprintJob } from "millrace";

export default sprintJob({ name: "sprints" });
