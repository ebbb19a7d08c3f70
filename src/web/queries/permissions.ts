// Decides what a role may call, by the same route table that the server refuses by.
import { roles, type Role } from "../../api/role.ts";
import { routes, type RouteName } from "../../api/routes.ts";

/** Any operation; named so that signatures say what they mean. */
export type ActionRoute = RouteName;

/** Tells whether a role reaches an operation; with `force` the stricter permission counts, where there is one. */
export function mayCall(role: Role, name: ActionRoute, force = false): boolean {
  const needed = leastRole(name, force);
  return needed === "public" || roles.indexOf(role) >= roles.indexOf(needed);
}

/** The least role that may call an operation. */
export function leastRole(name: ActionRoute, force = false): Role | "public" {
  const { permission, forcePermission } = routes[name];
  return force ? (forcePermission ?? permission) : permission;
}
