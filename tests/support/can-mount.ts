// Finds out whether this process may mount a small disk: only root may, and not in every sandbox.
import { execFileSync } from "node:child_process";

export function canMount(): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"], { stdio: "ignore" });
    execFileSync("umount", ["/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
