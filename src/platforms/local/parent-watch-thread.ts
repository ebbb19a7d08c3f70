// The thread of an isolated process that ends it, and all of its group, when the worker that started it is gone. It runs
// while the main thread computes without a pause. An orphan has another parent, whoever that is.
const parent = Number(process.argv[2]);

setInterval(() => {
  if (process.ppid === parent) return;
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}, 250);
