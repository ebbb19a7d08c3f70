// `npm run new -- source <name>`, `npm run new -- target <name>`: makes the folder of a component.
import { createComponent } from "./create-component.ts";

const [kind = "", name = "", ...more] = process.argv.slice(2);
try {
  if (name === "" || more.length > 0) throw new Error("usage: npm run new -- <source|target> <name>");
  await createComponent(kind, name);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
