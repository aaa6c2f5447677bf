import { findLoop } from "@vsix/shared/paths/loop.ts";
import type { HopAnswer, TraceEnd, TraceHop, TraceProtocol } from "@vsix/shared/paths/trace.ts";

/** RFC 4443 section 3.1: nobody listens on that port. To a UDP probe it says that the target was reached. */
const PORT_UNREACHABLE = 4;

/** Whether it is the target that answered. */
export function reachesTarget(
  answer: Omit<HopAnswer, "rttUs">,
  protocol: TraceProtocol,
  targetAddress: string,
): boolean {
  switch (answer.kind) {
    case "echo-reply":
    case "tcp-syn-ack":
    case "tcp-rst":
      return true;
    case "unreachable":
      return protocol !== "icmp6" && answer.detail === PORT_UNREACHABLE && answer.address === targetAddress;
    default:
      return false;
  }
}

/**
 * Whether a hop answers some, but not all, while one behind it answers all: what it did not answer was not lost on the
 * path. Routers limit how many errors they send (RFC 4443 section 2.4 f).
 */
export function isRateLimited(hops: readonly Pick<TraceHop, "sent" | "answers">[], at: number): boolean {
  const { sent = 0, answers = [] } = hops[at] ?? {};
  if (answers.length === 0 || answers.length >= sent) return false;
  return hops.slice(at + 1).some((behind) => behind.sent > 0 && behind.answers.length >= behind.sent);
}

/** Why a flow ended. An answer of the target counts for more than an "unreachable" beside it. */
export function flowEnd(
  hops: readonly TraceHop[],
  of: { readonly protocol: TraceProtocol; readonly targetAddress: string; readonly maxHops: number },
): TraceEnd {
  for (const { hop, answers } of hops)
    if (answers.some((answer) => reachesTarget(answer, of.protocol, of.targetAddress)))
      return { kind: "reached", hop };
  for (const { hop, answers } of hops) {
    const no = answers.find(({ kind }) => kind === "unreachable");
    if (no !== undefined) return { kind: "unreachable", hop, address: no.address, code: no.detail ?? 0 };
  }
  const furthest = hops.findLast(({ answers }) => answers.length > 0)?.hop ?? 0;
  const looped = findLoop(hops.map(({ answers }) => answers[0]?.address)) !== undefined;
  if (looped || furthest >= of.maxHops) return { kind: "too-long", maxHops: furthest };
  return { kind: "silent", fromHop: furthest + 1 };
}
