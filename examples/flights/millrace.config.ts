import { defineConfig } from "millrace";

export default defineConfig({
  lake: "lake",
  config: {
    flights_report: { topRoutes: 10, topAirports: 12 },
  },
});
