import { Badge } from "@mantine/core";
import { useLiveState } from "../api/live.ts";
import { useTexts } from "../i18n/i18n.ts";
import { shellTexts } from "./shell.texts.ts";

/** Whether what is shown is still told by the controller. */
export function LiveMark() {
  const t = useTexts(shellTexts);
  const state = useLiveState();
  if (state === "off") return null;
  return (
    <Badge
      role="status"
      variant="outline"
      color={state === "live" ? "var(--vsix-good)" : "var(--vsix-warning)"}
      data-live={state}
    >
      {state === "live" ? t("live") : t("connecting")}
    </Badge>
  );
}
