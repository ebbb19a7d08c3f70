// A button that is on or off.
import type { ReactElement } from "react";
import { Icon, type IconName } from "../values/icon.tsx";

export interface ToggleProps {
  readonly icon: IconName;
  readonly text: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function Toggle({ icon, text, isOn, onChange }: ToggleProps): ReactElement {
  return (
    <button type="button" className="button" aria-pressed={isOn} onClick={() => onChange(!isOn)}>
      <Icon name={icon} /> {text}
    </button>
  );
}
