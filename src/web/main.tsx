// Entry of the browser: theme, token of the address, router.
import "./styles/index.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toaster } from "./components/actions/toast.tsx";
import { applyTheme } from "./components/frame/theme.ts";
import { createQueryClient } from "./queries/query-client.ts";
import { redeemTokenOfAddress, redeemTokensToCome } from "./queries/session.ts";
import { router } from "./router.tsx";

applyTheme();
const client = createQueryClient();
await redeemTokenOfAddress(client);
redeemTokensToCome(client);

const container = document.getElementById("root");
if (container === null) throw new Error("expected the page to have an element `root`");
createRoot(container).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Toaster>
        <RouterProvider router={router} />
      </Toaster>
    </QueryClientProvider>
  </StrictMode>,
);
