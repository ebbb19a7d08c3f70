// The head of a screen: its one first-level heading, its title in the browser, its actions.
import { useEffect, type ReactElement, type ReactNode } from "react";

export interface PageHeaderProps {
  readonly title: string;
  /** Before the heading, such as the way back. */
  readonly above?: ReactNode;
  /** Beside the heading, such as a state. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  /** Below the heading. */
  readonly children?: ReactNode;
}

/** Once on each screen. */
export function PageHeader({ title, above, beside, actions, children }: PageHeaderProps): ReactElement {
  useEffect(() => {
    document.title = `${title} · Millrace`;
  }, [title]);
  return (
    <header className="page-header">
      {above === undefined ? null : <div className="page-above">{above}</div>}
      <div className="page-line">
        <h1>{title}</h1>
        {beside}
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </div>
      {children === undefined ? null : <div className="page-sub">{children}</div>}
    </header>
  );
}
