// Indexes and columns that the screens' lists need.
import type { MigrationPart } from "./migration.ts";

export const browse: MigrationPart = { sqlite: "", postgres: "" };
