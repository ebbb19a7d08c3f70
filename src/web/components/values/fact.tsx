// One fact of a list of facts (`<dl>`): what it is called, and what it is.
import type { ReactElement, ReactNode } from "react";

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
