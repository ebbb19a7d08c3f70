// Which of the servers that speak the protocol of Postgres a session has reached, and what it has to be told first.

import type { DatabaseKind } from "../database/database-address.ts";

/** Redshift has its own statements behind the protocol. */
export type PostgresServer = "postgres" | "redshift";

/** Addresses and connections of a Redshift are those of the protocol that it speaks. */
export const redshiftProtocol: DatabaseKind = "postgres";

/** What people call them. */
export const serverTitles: Readonly<Record<PostgresServer, string>> = { postgres: "Postgres", redshift: "Redshift" };

/** Every Redshift says that it is the Postgres that it was made from, of 2005. */
export function isRedshiftVersion(version: string): boolean {
  return /^8\.0(?:\.|$)/.test(version);
}

/** One text of statements: UTC, dates in ISO form, numbers with every digit, and no text that is read in two ways. */
export function sessionSettings(server: PostgresServer, lockTimeoutMs: number): string {
  const settings =
    server === "redshift"
      ? redshiftSettings
      : [...postgresSettings, `SET lock_timeout = ${lockTimeoutMs}`, "SET idle_in_transaction_session_timeout = 0"];
  return settings.join("; ");
}

const postgresSettings: readonly string[] = [
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET extra_float_digits = 1",
  "SET bytea_output = 'hex'",
  "SET client_encoding = 'UTF8'",
  "SET standard_conforming_strings = on",
];

/** It refuses settings that it does not know. @see https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html */
const redshiftSettings: readonly string[] = [
  "SET timezone TO 'UTC'",
  "SET datestyle TO 'ISO, YMD'",
  "SET extra_float_digits TO 2",
];
