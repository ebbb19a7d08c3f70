// From the name of a database to its address with all that a driver needs. Only a root knows the connections of a project; it
// lends a way to find them.
import { MillraceError } from "../../core/errors/errors.ts";
import {
  type DatabaseAddress,
  type DatabaseKind,
  type DatabaseName,
  findConnectionName,
  findPasswordVariable,
  findVariableName,
  knownDatabases,
  requireAddress,
} from "./database-address.ts";
import { readVariable } from "../variables.ts";

/** Finds a connection to a database by its name. @throws MillraceError `CONNECTION_UNKNOWN`, `CONFIG_INVALID`, `SECRET_MISSING` */
export type FindDatabase = (connection: string) => Promise<DatabaseAddress>;

let findOne: FindDatabase | undefined;

/** Called when a program starts; the connections are those of the whole process. */
export function lendDatabases(find: FindDatabase): void {
  findOne = find;
}

/**
 * The address, with the password where there is one.
 * @param kind what the database must be; default: whatever the address says
 * @throws MillraceError `CONFIG_INVALID`, `CONNECTION_UNKNOWN`, `SECRET_MISSING`
 */
export async function findDatabase(name: DatabaseName, kind?: DatabaseKind): Promise<DatabaseAddress> {
  const variable = findVariableName(name);
  if (variable !== undefined) {
    return requireAddress(readVariable(variable), kind, `the environment variable \`${variable}\``);
  }
  const connection = findConnectionName(name);
  if (connection === undefined) return withPassword(requireAddress(name, kind, "what is named"));
  if (findOne === undefined) throw new MillraceError("INTERNAL", "nobody has lent the connections of the project");
  const address = await findOne(connection);
  if (kind === undefined || address.kind === kind) return address;
  throw otherKind(connection, knownDatabases[kind].title, knownDatabases[address.kind].title);
}

/** The address with the password that it names the variable of. */
function withPassword(address: DatabaseAddress): DatabaseAddress {
  const variable = findPasswordVariable(address.url);
  if (variable !== undefined) address.url.password = encodeURIComponent(readVariable(variable));
  return address;
}

function otherKind(connection: string, wanted: string, title: string): MillraceError {
  return new MillraceError("CONFIG_INVALID", `connection \`${connection}\` is no ${wanted} database, got: ${title}`, {
    hint: "name another connection",
  });
}
