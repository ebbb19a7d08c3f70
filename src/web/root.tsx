// Wraps every screen: it asks who you are, then shows the shell.
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, type ReactElement } from "react";
import { useSessionQuery } from "./queries/session.ts";
import { AppShell } from "./components/frame/app-shell.tsx";
import { ErrorState } from "./components/tables/error-state.tsx";
import { ScreenSkeleton } from "./components/frame/skeleton.tsx";

const Login = lazy(async () => ({ default: (await import("./routes/login.tsx")).Login }));

/** Without a session the login screen stands where the screen would, so that the address stays for afterwards. */
export function Root(): ReactElement {
  const { data: session, error, isPending, refetch } = useSessionQuery();
  const { pathname } = useLocation();
  if (isPending) return <ScreenSkeleton />;
  if (error !== null && session === undefined) {
    return (
      <main className="screen">
        <h1>Millrace</h1>
        <ErrorState error={error} retry={() => void refetch()} />
      </main>
    );
  }
  if (session === null || session === undefined || pathname === "/login") {
    return (
      <Suspense fallback={<ScreenSkeleton />}>
        <Login />
      </Suspense>
    );
  }
  return (
    <AppShell session={session}>
      <Suspense fallback={<ScreenSkeleton />}>
        <Outlet />
      </Suspense>
    </AppShell>
  );
}
