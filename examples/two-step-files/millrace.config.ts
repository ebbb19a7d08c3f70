import { defineProject } from "millrace";

export default defineProject({ name: "two-step-files" });
