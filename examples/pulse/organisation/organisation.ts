// The organisation that the servers on this machine have.
import { createOrganisation, type Organisation } from "./create-organisation.ts";

export const organisation: Organisation = createOrganisation({ seed: 1 });
