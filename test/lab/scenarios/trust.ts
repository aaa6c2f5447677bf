import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { topics } from "@vsix/shared/contract/topics.ts";
import { type NodeIdentity, openIdentityStore } from "../../../agent/src/io/identity-store.ts";
import { issueLeaf, makeCaCertificate } from "../../../controller/src/ca/certificates.ts";
import type { Status } from "../../../controller/src/status/model.ts";
import { startProgram, stopProgram } from "../faults.ts";
import type { Attempt, Attempted } from "../intruder.ts";
import { type Lab, namespaceOf } from "../lab.ts";
import { NODE } from "../names.ts";
import { agentConfigFile, enrolCommand, identityDirectory, nodeDirectory } from "../programs.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { anUpstream, ownEdge } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

const INTRUDER = join(import.meta.dirname, "../intruder.ts");
/** More than the controller's leaseMs, by default. */
const LEASE_MS = 16_000;
const DAY_MS = 86_400_000;

/** What intruders want to change, and what must be the same before and after. */
function held(status: Status): string {
  return JSON.stringify({
    nodes: status.nodes.map(({ name, generation, epoch, wantedGeneration, agentVersion }) => [
      name,
      generation,
      epoch,
      wantedGeneration,
      agentVersion,
    ]),
    edges: status.edges.map(({ edge, wanted, observed }) => [
      edge,
      wanted,
      observed.map(({ externalEdge, inbound, outbound }) => [externalEdge, inbound, outbound]),
    ]),
  });
}

function identityOf(lab: Lab, node: string): NodeIdentity {
  const identity = openIdentityStore(identityDirectory(lab.name, node)).load();
  if (identity === undefined) throw new Error(`${node} has no identity`);
  return identity;
}

/** A certificate for the node's name by a CA that calls itself what ours does. */
async function selfMade(real: NodeIdentity): Promise<NodeIdentity> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const now = Date.now();
  const validity = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS) };
  const issuer = {
    privateKey,
    certificate: await makeCaCertificate(privateKey, "vSIX controller CA", validity),
  };
  const { certificate } = await issueLeaf(issuer, {
    ...validity,
    publicKey: createPublicKey(privateKey),
    commonName: real.node,
    usage: "client",
    names: [`vsix:node:${real.node}`],
  });
  return { ...real, certificate, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Everything worth saying in another node's name. */
function attemptsAs(
  label: string,
  { key, certificate, ca, brokerUrl }: NodeIdentity,
  own: string,
  victim: string,
) {
  const common = {
    url: brokerUrl,
    key,
    certificate,
    ca,
    listen: [topics.manifest(victim), topics.parts(victim)],
  };
  const as = (what: string, more: Partial<Attempt>): Attempt => ({
    label: `${label}: ${what}`,
    clientId: `vsix-agent-${own}`,
    ...common,
    ...more,
  });
  const alive = {
    version: 1,
    node: victim,
    state: "offline",
    beat: 999_999,
    agentVersion: "intruder",
    instance: "x",
  };
  const lie = JSON.stringify(alive);
  const edges = { version: 1, node: victim, at: new Date().toISOString(), edges: [] };
  return [
    as("presence", { say: { topic: topics.up(victim, "alive"), payload: lie } }),
    as("observation", { say: { topic: topics.up(victim, "observation"), payload: JSON.stringify(edges) } }),
    as("manifest", { say: { topic: topics.manifest(victim), payload: "" } }),
    as("own manifest", { say: { topic: topics.manifest(own), payload: "" } }),
    as("client id", { clientId: `vsix-agent-${victim}` }),
    as("last will", { will: topics.up(victim, "alive") }),
  ];
}

async function tryFrom(lab: Lab, node: string, attempts: readonly Attempt[]): Promise<readonly Attempted[]> {
  const [file = NODE, ...args] = inNamespace(namespaceOf(lab, node), [NODE, INTRUDER]);
  return JSON.parse(await mustRun(file, args, { input: JSON.stringify(attempts) })) as readonly Attempted[];
}

/** The operator notices the theft: revokes, and gives the node a new key over the network as it stands. */
async function revokeAndEnrol(context: ScenarioContext, node: string): Promise<void> {
  const { lab } = context;
  await context.ctl("node", "revoke", node);
  const token = join(nodeDirectory(lab.name, node), "again.token");
  await context.ctl("node", "enrol", node, "--out", token);
  const [file = NODE, ...args] = inNamespace(
    namespaceOf(lab, node),
    enrolCommand(agentConfigFile(lab.name, node), token),
  );
  await mustRun(file, args);
}

const intruder: Scenario = {
  name: "trust-intruder",
  summary:
    "a self-made, a stolen and revoked, and another node's certificate change nothing while traffic flows",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const victim = ownEdge(lab.fabric).name;
    const insider = lab.fabric.nodes.find(({ role }) => role === "external-edge")?.name ?? "";
    const flows = await context.flows(victim, anUpstream(lab.fabric).name);
    const before = (await context.ctlJson("status")) as Status;
    const real = identityOf(lab, victim);
    context.step(`the key of ${victim} is stolen; it is revoked and gets another`);
    await revokeAndEnrol(context, victim);
    const enrolledMs = await context.converge(60_000);
    const fresh = identityOf(lab, victim);
    context.check(fresh.certificate !== real.certificate, `${victim} has no new certificate`);

    const forged = await selfMade(real);
    const outsiders = [
      ...attemptsAs("self-made", forged, victim, victim),
      ...attemptsAs("stolen and revoked", real, victim, victim),
    ];
    context.step(`${outsiders.length} attempts with certificates that do not count`);
    const outside = await tryFrom(lab, victim, outsiders);
    for (const { label, connected } of outside) context.check(!connected, `${label}: was let in`);

    const genuine = identityOf(lab, insider);
    const insiders = attemptsAs("another node", genuine, insider, victim);
    context.step(`${insiders.length} attempts of ${insider} in the name of ${victim}`);
    // Whoever has taken the router over has stopped its agent, which would take the connection back.
    await stopProgram(lab, insider, "agent");
    const inside = await tryFrom(lab, insider, insiders);
    await startProgram(lab, insider, "agent");
    for (const { label, granted, heard, acknowledged } of inside) {
      context.check(granted.length === 0 && heard === 0, `${label}: hears what is for ${victim}`);
      context.check(!acknowledged, `${label}: what it said was taken`);
    }
    context.check(
      inside.filter(({ connected }) => connected).length === 4,
      "not every attempt got as far as the topics",
    );
    context.check(
      inside.filter(({ label }) => /client id|last will/.test(label)).every(({ connected }) => !connected),
      "another's client id or last will was let in",
    );

    // Who is online after a whole lease has been heard since, by its new certificate.
    await context.sleep(LEASE_MS);
    const convergedMs = await context.converge(60_000);
    const after = (await context.ctlJson("status")) as Status;
    context.check(held(after) === held(before), "what the controller wants or believes has changed");
    context.check(
      after.messages.refused === before.messages.refused,
      "something of theirs came as far as the controller's own checks",
    );
    await checkPlansEmpty(context);
    return {
      flows: await context.account(flows),
      timesMs: { "converged after the new key": enrolledMs, "converged after the attempts": convergedMs },
      other: {
        attempts: outside.length + inside.length,
        letIn: inside.filter((one) => one.connected).length,
      },
    };
  },
};

export const TRUST_SCENARIOS: readonly Scenario[] = [intruder];
