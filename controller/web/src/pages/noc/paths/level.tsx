import { useTexts } from "../../../i18n/i18n.ts";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { pathsTexts } from "./paths.texts.ts";

type Of = "alarm" | "warning" | "notice" | "fine";
const TONES: Readonly<Record<Of, Tone>> = { alarm: "bad", warning: "warning", notice: "plain", fine: "good" };

/** How grave it is, in words and with a mark. */
export function Level({ level }: { readonly level: Of | undefined }) {
  const t = useTexts(pathsTexts);
  if (level === undefined) return <Mark tone="plain">{t("level-none")}</Mark>;
  return <Mark tone={TONES[level]}>{t(`level-${level}`)}</Mark>;
}
