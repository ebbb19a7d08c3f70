import { defineProject } from "millrace";

export default defineProject({
  lake: "lake",
  config: {
    flights_report: { topRoutes: 10, topAirports: 12 },
  },
});
