import { defineProject } from "millrace";

// Topics lie in the store of the project: there is nothing to install.
export default defineProject({ name: "shop" });
