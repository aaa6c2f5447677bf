import { median } from "./judge.ts";
import { hasClock, type Rule } from "./view.ts";

/** Servers give the time in whole seconds, and one of them may be wrong itself: the median of all counts. */
export const clockRules: Rule = ({ results, part }) => {
  const offsets = results
    .filter(hasClock)
    .flatMap(({ outcome }) => (outcome?.kind === "fetch" ? [outcome.clockMs ?? 0] : []));
  if (offsets.length === 0) return [];
  const seconds = Math.round(median(offsets) / 1000);
  if (Math.abs(seconds) <= part.limits.clockS) return [];
  return [
    {
      code: "clock-wrong",
      layer: "clock",
      state: "poor",
      text: `this machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead of"} that of web servers`,
    },
  ];
};
