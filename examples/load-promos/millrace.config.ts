import { defineProject, env } from "millrace";

export default defineProject({
  name: "load-promos",
  // modules of `exec` lie in both; those below `dwh/jobs` have the names that the warehouse gives them
  jobs: ["jobs", "dwh/jobs"],
  connections: {
    // asked for by config/postgres-s3.json alone
    lake: {
      s3: { bucket: "promos", accessKeyId: env("AWS_ACCESS_KEY_ID"), secretAccessKey: env("AWS_SECRET_ACCESS_KEY") },
    },
  },
});
