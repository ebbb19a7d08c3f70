import { defineConfig } from "millrace";

export default defineConfig({ name: "deliveries" });
