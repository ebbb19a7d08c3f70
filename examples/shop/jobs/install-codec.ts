// What a person does before the film that could not be encoded is sent through again.
import { mkdir, writeFile } from "node:fs/promises";
import { defineJob } from "millrace";

export default defineJob({
  name: "install_codec",
  async execute(ctx) {
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/vp9-codec"), "");
  },
});
