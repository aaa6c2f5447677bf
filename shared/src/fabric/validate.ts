import { checkEpe } from "./check-epe.ts";
import { checkEpeRules } from "./check-epe-rules.ts";
import { checkHealth } from "./check-health.ts";
import { checkLans } from "./check-lan.ts";
import { checkLinks } from "./check-links.ts";
import { checkMeasure } from "./check-measure.ts";
import { checkNodes } from "./check-nodes.ts";
import { checkNumbers } from "./check-numbers.ts";
import { checkPolicies } from "./check-policies.ts";
import { checkPools } from "./check-pools.ts";
import { checkPrefixes } from "./check-prefixes.ts";
import { checkReach } from "./check-reach.ts";
import { checkServices } from "./check-services.ts";
import { checkTelescreen } from "./check-telescreen.ts";
import { type Draft, readDraft } from "./draft.ts";
import type { Finding } from "./fault.ts";
import type { Loose } from "./loose.ts";
import type { FabricFile } from "./schema.ts";

const CHECKS: readonly ((draft: Draft) => void)[] = [
  checkNumbers,
  checkNodes,
  checkPrefixes,
  checkLinks,
  checkReach,
  checkPolicies,
  checkMeasure,
  checkEpe,
  checkEpeRules,
  checkHealth,
  checkServices,
  checkPools,
  checkLans,
  checkTelescreen,
];

/** What a schema cannot say. Works on a file with holes, so that one mistake does not hide the next. */
export function validateFabric(file: Loose<FabricFile>): readonly Finding[] {
  const findings: Finding[] = [];
  const draft = readDraft(file, (finding) => findings.push(finding));
  for (const check of CHECKS) check(draft);
  return findings;
}
