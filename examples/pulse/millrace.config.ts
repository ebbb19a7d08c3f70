import { defineProject } from "millrace";
import { connections } from "./accounts.ts";

export default defineProject({ name: "pulse", connections });
