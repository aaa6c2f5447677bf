import { levelOf } from "@vsix/shared/paths/verdict.ts";
import type { PathEvidence, PathLook } from "./evidence.ts";
import type { PathMetric } from "./settings.ts";
import type { SubjectVerdict } from "./verdict.ts";

/**
 * Paths as they are expected. The newest trace decides that one is well; that it is wrong takes `consecutive` traces in a
 * row. A path that is expected and was not seen holds, and so does a target that nobody reaches by the old plane either:
 * that is the target's own fault, but nobody knows then how the new plane would carry.
 */
export function checkPaths(metric: PathMetric, paths: readonly PathEvidence[]): readonly SubjectVerdict[] {
  return paths.map(({ subject, plane, looks, others }): SubjectVerdict => {
    const known = looks.filter(({ kind }) => kind !== "not-measured");
    const right = known.findLastIndex((look) => !isWrong(look, plane));
    const wrongInARow = known.length - 1 - right;
    const newest = known.at(-1);
    const arithmetic = {
      test: "path" as const,
      ...{ plane, looks, wrongInARow, others },
      needed: metric.consecutive,
    };
    const say = (result: SubjectVerdict["result"], why: string): SubjectVerdict => ({
      subject,
      result,
      why: why === "" ? "" : `${metric.name} of ${subject}: ${why}`,
      pAdjusted: null,
      arithmetic,
    });
    if (newest === undefined)
      return say("hold", looks.length === 0 ? "no trace of it" : (looks.at(-1)?.words ?? ""));
    if (wrongInARow === 0) return say("pass", "");
    const why = words(newest, plane);
    const nobody = others.asked > 0 && others.unreachable === others.asked;
    if (nobody && newest.kind === "destination-unreachable" && strays(newest, plane).length === 0)
      return say("hold", `${why}; nor is it reached by the old plane`);
    return say(wrongInARow >= metric.consecutive ? "fail" : "hold", why);
  });
}

/** A loss or a delay on the right path is for other metrics; a router that does not answer may be anybody. */
function isWrong(look: PathLook, plane: string): boolean {
  return levelOf(look.kind) === "alarm" || strays(look, plane).length > 0;
}

function strays({ planes }: PathLook, plane: string): readonly string[] {
  return planes.filter((one) => one !== plane);
}

function words(look: PathLook, plane: string): string {
  const left = strays(look, plane);
  return left.length === 0 ? look.words : `it leaves ${plane} for ${left.join(", ")}: ${look.words}`;
}
