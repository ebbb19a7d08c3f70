// Nothing at all: what an environment without the real thing says.
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";

export interface NoLoading {}

const options: Spec<NoLoading> = defineSpec<NoLoading>()(() => ({}));

export const noop: Described<LoaderStrategy<NoLoading>, NoLoading> = {
  name: "NOOP",
  summary: "nothing",
  options,
  toTarget: () => undefined,
};
