import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaneProbe, type ProbeSend } from "./plane-probe.ts";

const EDGE = "2001:db8:e::1";
const BLUE_HOP = "2001:db8:b::1";

/** A probe with one target that has just sent its first round. */
function setUp() {
  const sent: ProbeSend[] = [];
  const probe = new PlaneProbe({
    part: {
      version: 1,
      intervalMs: 60_000,
      burstIntervalMs: 60_000,
      targets: [{ name: "edge-1", address: EDGE, kind: "edge" }],
      hops: [
        { address: BLUE_HOP, node: "blue-sfc", plane: "blue" },
        { address: "2001:db8:9::1", node: "green-sfc", plane: "green" },
      ],
    },
    send: (request) => sent.push(request),
    nowUs: () => 1_000_000,
    onChange: () => undefined,
  });
  const sequenceOf = (hopLimit: number | undefined): number =>
    sent.find((request) => request.hopLimit === hopLimit)?.sequence ?? -1;
  const planes = () => probe.watched().map(({ away, back }) => [away.plane, back.plane])[0];
  return { probe, planes, away: sequenceOf(1), back: sequenceOf(undefined) };
}

test("an answer about another destination, from an unknown hop or to a question not asked shows no plane", () => {
  const { probe, planes, away, back } = setUp();
  probe.exceeded(away, BLUE_HOP, "2001:db8:e::2");
  probe.exceeded(away, "2001:db8:bad::1", EDGE);
  probe.exceeded(back, BLUE_HOP, EDGE);
  probe.exceeded((away + 7) & 0xffff, BLUE_HOP, EDGE);
  probe.replied(back, "2001:db8:bad::1", "green");
  probe.replied(away, EDGE, "green");
  assert.deepEqual(planes(), [null, null]);
  probe.exceeded(away, BLUE_HOP, EDGE);
  probe.replied(back, EDGE, "blue");
  assert.deepEqual(planes(), ["blue", "blue"]);
  probe[Symbol.dispose]();
});

test("an answer counts once: what is replayed later changes nothing", () => {
  const { probe, planes, away } = setUp();
  probe.exceeded(away, BLUE_HOP, EDGE);
  probe.exceeded(away, "2001:db8:9::1", EDGE);
  assert.deepEqual(planes(), ["blue", null]);
  probe[Symbol.dispose]();
});
