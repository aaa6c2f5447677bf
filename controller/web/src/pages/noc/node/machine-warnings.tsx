import type { NodeStatus } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Mark } from "../../../parts/mark.tsx";
import { machineTexts } from "./machine.texts.ts";

/** What of a node's machine somebody should see to, a line each. */
export function MachineWarnings({ warnings }: Pick<NodeStatus, "warnings">) {
  const t = useTexts(machineTexts);
  return warnings.map(({ code, subject, value }) => (
    <div key={`${code} ${subject}`} data-warning={code}>
      <Mark tone="warning">{t(code, { subject, value })}</Mark>
    </div>
  ));
}
