// Makes the job that loads promotions, out of the configuration that a scheduler hands over.
import { defineJobFactory, loadConfiguration, loadJob } from "millrace";
import { transformPromotions } from "./_promotion_transformer.ts";

export default defineJobFactory({
  name: "load_promos_job",
  description: "promotions, with the history of each",
  config: loadConfiguration(),
  outputs: ["promos", "promos_quarantine"],
  create: (configuration) =>
    loadJob({
      name: "load_promos_job",
      ...configuration,
      transform: transformPromotions,
      checks: [{ unique: ["promo_id", "version"] }, { notNull: ["valid_from", "valid_to"] }],
      output: { dataset: "promos" },
    }),
});
