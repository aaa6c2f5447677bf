import assert from "node:assert/strict";
import { test } from "node:test";
import { compileSpeaker } from "../../core/bgp/compile.ts";
import type { Speaker } from "../../core/bgp/speaker.ts";
import {
  type BgpStep,
  describeStep,
  NOTHING,
  type ObservedSpeaker,
  planPolicyOnly,
  planSpeaker,
} from "./model.ts";
import { pendingSets, readPending } from "./observe.ts";

function speaker(med: number, edges: readonly string[] = ["e1"]): Speaker {
  return compileSpeaker({
    nodeId: 1,
    steering: { version: 1, edges: [{ name: "e1", med }] },
    bgp: {
      version: 1,
      asn: 65101,
      as: 4690,
      routerId: "10.0.0.1",
      confederation: { identifier: 4690, members: [65100, 65101] },
      originate: [{ prefix: "2001:db8:ff00::1/128", class: "infrastructure" }],
      neighbours: edges.map((name, i) => ({
        name,
        kind: "edge" as const,
        address: `fd00::${i + 1}`,
        localAddress: "::",
        interface: name,
        asn: 65001 + i,
        accept: [`2001:db8:${i + 1}::/48`],
        maxPrefixes: 10,
        holdS: 9,
        gracefulRestartS: 60,
      })),
      ownPrefixes: [],
      bogons: [],
    },
  });
}

/** What an engine holds that was told exactly this. */
function observed(desired: Speaker): ObservedSpeaker {
  return { ...desired, assigned: true, pending: [] };
}

const ops = (steps: readonly BgpStep[]): readonly string[] => steps.map((step) => step.op);

test("An empty engine gets policy before it gets neighbours", () => {
  assert.deepEqual(ops(planSpeaker(speaker(100), NOTHING)), [
    "start",
    "set-policy",
    "assign-policy",
    "add-path",
    "add-neighbour",
    "add-neighbour",
  ]);
});

test("An engine that matches is left alone, whatever order it tells its sets in", () => {
  const desired = speaker(100);
  const shuffled = {
    ...observed(desired),
    definedSets: [...desired.definedSets].reverse(),
    neighbours: [...desired.neighbours].reverse(),
  };
  assert.deepEqual(planSpeaker(desired, shuffled), []);
});

test("Moving an Edge is one policy change and one soft reset", () => {
  const steps = planSpeaker(speaker(200), observed(speaker(100)));
  assert.deepEqual(steps.map(describeStep), [
    "bgp policy: i-edge-e1, e-edge-med-e1",
    "bgp soft reset both fd00::1",
    "bgp policy in force",
  ]);
});

test("What was killed between a policy and its soft reset is made good, though the policies match", () => {
  const desired = speaker(200);
  const [setPolicy] = planSpeaker(desired, observed(speaker(100)));
  assert.ok(setPolicy?.op === "set-policy");
  assert.deepEqual(setPolicy.pending, [{ address: "fd00::1", in: true, out: true, bounce: false }]);
  const pending = [...setPolicy.pending, { address: "fd00::9", in: true, out: false, bounce: false }];
  assert.deepEqual(planSpeaker(desired, { ...observed(desired), pending }).map(describeStep), [
    "bgp soft reset both fd00::1",
    "bgp policy in force",
  ]);
  assert.deepEqual(readPending(pendingSets(pending)), pending);
});

test("Statements in another order are a difference", () => {
  const desired = speaker(100);
  const swapped = { ...observed(desired), importStatements: [...desired.importStatements].reverse() };
  assert.ok(ops(planSpeaker(desired, swapped)).includes("set-policy"));
});

test("A new neighbour comes after its policy; one that is gone goes first", () => {
  const more = planSpeaker(speaker(100, ["e1", "e2"]), observed(speaker(100)));
  assert.deepEqual(ops(more), ["set-policy", "add-neighbour"]);
  const fewer = planSpeaker(speaker(100), observed(speaker(100, ["e1", "e2"])));
  assert.deepEqual(ops(fewer), ["delete-neighbour", "set-policy"]);
});

test("Another confederation starts the engine anew", () => {
  const now = observed(speaker(100));
  const other = { ...now, global: { ...speaker(100).global, confederation: { identifier: 1, members: [] } } };
  assert.deepEqual(ops(planSpeaker(speaker(100), other)).slice(0, 3), ["stop", "start", "set-policy"]);
});

test("Moving an Edge needs no look at the engine; anything more does, and nothing at all does", () => {
  const steps = planPolicyOnly(speaker(200), speaker(100));
  assert.deepEqual(ops(steps ?? []), ["set-policy", "refresh", "settle"]);
  assert.equal(planPolicyOnly(speaker(100), speaker(100)), undefined);
  assert.equal(planPolicyOnly(speaker(200, ["e1", "e2"]), speaker(100)), undefined);
  const originating = { ...speaker(200), originated: [{ prefix: "2001:db8::/32", largeCommunities: [] }] };
  assert.equal(planPolicyOnly(originating, speaker(100)), undefined);
});

test("A router that has settled takes its bad local preference back, though it has no Edge", () => {
  const of = (settling: boolean): Speaker =>
    compileSpeaker({
      nodeId: 1,
      settling,
      bgp: {
        version: 1,
        asn: 65101,
        as: 4690,
        routerId: "10.0.0.1",
        originate: [],
        neighbours: [
          {
            name: "other",
            kind: "plane-internal",
            address: "fd00::2",
            localAddress: "::",
            interface: "other",
            asn: 65101,
            id: 2,
            cost: 10,
            maxPrefixes: 10,
            holdS: 9,
            gracefulRestartS: 60,
          },
        ],
        ownPrefixes: [],
        bogons: [],
      },
    });
  assert.deepEqual(ops(planSpeaker(of(false), observed(of(true)))), ["set-policy", "refresh", "settle"]);
});
