import { Text } from "@mantine/core";
import type { Rollout } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { rolloutsTexts } from "./rollouts.texts.ts";

const TONES: Readonly<Record<string, Tone>> = {
  done: "good",
  aborted: "warning",
  "going-back": "bad",
  "failed-to-go-back": "bad",
};

/** Where a rollout is, in words. */
export function RolloutStage({ rollout: { stage, step, steps, paused } }: { readonly rollout: Rollout }) {
  const t = useTexts(rolloutsTexts);
  const words: Readonly<Record<string, string>> = {
    baseline: t("stage-baseline"),
    there: t("stage-there"),
    back: t("stage-back"),
    step: t("stage-step", { step, steps: steps.length }),
    "going-back": t("stage-going-back"),
    done: t("stage-done"),
    aborted: t("stage-aborted"),
    "failed-to-go-back": t("stage-failed-to-go-back"),
  };
  return (
    <>
      <Mark tone={TONES[stage] ?? "plain"}>{words[stage] ?? stage}</Mark>
      {paused !== null && <Text size="sm">{t("paused", { who: paused })}</Text>}
    </>
  );
}
