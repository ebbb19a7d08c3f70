// People register, some of them move, and sellers send their products. A run that is tried again produces nothing twice.
import { defineJob } from "millrace";
import { moves, registrations, uploads } from "../shop/catalog.ts";
import { productUploads, users } from "../topics.ts";

export default defineJob({
  name: "open_shop",
  async execute(ctx) {
    await ctx.produce(users, registrations);
    await ctx.produce(users, moves);
    await ctx.produce(productUploads, uploads);
  },
});
