// Tokens, the audit, and watermarks.
import type { MigrationPart } from "./migration.ts";

export const accessAndState: MigrationPart = { sqlite: "", postgres: "" };
