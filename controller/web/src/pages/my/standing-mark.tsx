import type { Application } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { type Standing, standingOf } from "../../model/standing.ts";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { useNow } from "../../parts/now.ts";
import { homeTexts } from "./home.texts.ts";

const TONES: Readonly<Record<Standing["kind"], Tone>> = {
  asked: "plain",
  lacks: "warning",
  held: "warning",
  paused: "plain",
  over: "plain",
  waiting: "warning",
  applying: "warning",
  applied: "good",
  failed: "bad",
  ending: "warning",
};

/** How a connection stands, as its routers have reported it. */
export function StandingMark({ application }: { readonly application: Application }) {
  const t = useTexts(homeTexts);
  const format = useFormat();
  const now = useNow();
  const standing = standingOf(application);
  const words = (): string => {
    switch (standing.kind) {
      case "asked":
        return t("standing-asked");
      case "lacks":
        return t(`standing-lacks-${standing.what}`);
      case "held":
        return t("standing-held", { reason: standing.reason });
      case "paused":
        return t("standing-paused");
      case "over":
        return t(`standing-${standing.how}`, { reason: standing.reason });
      case "waiting":
        return t("standing-waiting", { reason: standing.reason });
      case "applying":
        return t("standing-applying", { applied: standing.applied, routers: standing.routers });
      case "applied":
        return t("standing-applied", { count: standing.routers, time: format.ago(standing.since, now) });
      case "failed":
        return t("standing-failed", { router: standing.router, reason: standing.reason });
      case "ending":
        return t("standing-ending", { count: standing.routers });
    }
  };
  return <Mark tone={TONES[standing.kind]}>{words()}</Mark>;
}
