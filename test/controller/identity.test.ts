import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { issueLeaf, makeCaCertificate } from "@vsix/controller/ca/certificates.ts";
import type { ErrorBody } from "@vsix/controller/http/schemas.ts";
import type { IdentityAnswer } from "@vsix/shared/contract/enrol.ts";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import type { MqttClient } from "mqtt";
import { until } from "./harness.ts";
import { claimToken, tlsBench } from "./identity-bench.ts";
import {
  type Credentials,
  enrolBody,
  enrolRaw,
  mqttAs,
  newKey,
  post,
  type Reply,
  renewBody,
} from "./raw-node.ts";

const NAME = "edge-1";
const OTHER = "xe-sfc";
const DAY_MS = 86_400_000;

function codeOf({ status, body }: Reply): string {
  assert.ok(status >= 400, `${status}: ${JSON.stringify(body)}`);
  return (body as ErrorBody).error.code;
}

async function connected(url: string, node: string, credentials: Credentials): Promise<MqttClient> {
  const tried = await mqttAs(url, `vsix-agent-${node}`, credentials);
  if (!("client" in tried)) throw new Error(`refused: ${tried.refused}`);
  return tried.client;
}

test("a claim gives one key one certificate, again to the same key, and to no other", async () => {
  await using on = await tlsBench();
  const token = await claimToken(on, NAME);
  const { url } = decodeClaim(token);
  const key = newKey();
  const first = await post(`${url}/v1/enrol`, enrolBody(token, key));
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const again = await post(`${url}/v1/enrol`, enrolBody(token, key));
  assert.deepEqual(again.body, first.body);
  assert.equal(codeOf(await post(`${url}/v1/enrol`, enrolBody(token, newKey()))), "claim-used");
  const { certificate, manifestKeys, brokerUrl } = first.body as IdentityAnswer;
  assert.equal(new X509Certificate(certificate).subjectAltName, `URI:vsix:node:${NAME}`);
  assert.deepEqual(manifestKeys, [await readFile(join(on.directory, "state/controller.pub"), "utf8")]);
  assert.match(brokerUrl, /^mqtts:\/\/127\.0\.0\.1:\d+$/);
  const database = await readFile(join(on.directory, "state/controller.db"));
  const log = await readFile(join(on.directory, "state/controller.db-wal"));
  for (const bytes of [database, log]) assert.ok(!bytes.includes(decodeClaim(token).secret));
});

test("claims refuse the wrong key, secret, node and time, and are void after ten wrong secrets", async () => {
  await using on = await tlsBench();
  const token = await claimToken(on, NAME);
  const { url, secret } = decodeClaim(token);
  const key = newKey();
  const wrong = "A".repeat(43);
  const attempt = async (body: object): Promise<string> => codeOf(await post(`${url}/v1/enrol`, body));
  const stolen = enrolBody(token, newKey()) as { proof: string };
  assert.equal(await attempt({ ...enrolBody(token, key), proof: stolen.proof }), "bad-proof");
  assert.equal(await attempt(enrolBody(token, key, { node: OTHER })), "claim-refused");
  assert.equal(await attempt({ node: NAME }), "bad-request");
  for (let i = 0; i < 10; i++)
    assert.equal(await attempt(enrolBody(token, key, { secret: wrong })), "claim-refused");
  assert.equal(await attempt(enrolBody(token, key)), "claim-locked", "even with the right secret");
  assert.notEqual(secret, wrong);
  const fresh = await claimToken(on, NAME);
  assert.equal(await attempt(enrolBody(token, key)), "claim-refused", "the old claim is void");
  assert.equal((await post(`${url}/v1/enrol`, enrolBody(fresh, key))).status, 200);
});

test("who goes on guessing is not listened to any more", async () => {
  await using on = await tlsBench();
  const token = await claimToken(on, NAME);
  const { url } = decodeClaim(token);
  const codes: string[] = [];
  for (let i = 0; i < 25; i++)
    codes.push(codeOf(await post(`${url}/v1/enrol`, enrolBody(token, newKey(), { node: OTHER }))));
  assert.deepEqual([...new Set(codes.slice(0, 20))], ["claim-refused"]);
  assert.deepEqual([...new Set(codes.slice(20))], ["too-many-attempts"]);
});

test("an enrolled node renews whatever somebody on its own network has tried", async () => {
  await using on = await tlsBench();
  const node = await enrolRaw(await claimToken(on, NAME));
  const { enrolUrl } = node.answer;
  const body = enrolBody(await claimToken(on, OTHER), newKey(), { node: NAME });
  const codes: string[] = [];
  for (let i = 0; i < 25; i++) codes.push(codeOf(await post(`${enrolUrl}/v1/enrol`, body)));
  assert.equal(codes.at(-1), "too-many-attempts");
  assert.equal(codeOf(await post(`${enrolUrl}/v1/renew`, renewBody(NAME, newKey()))), "too-many-attempts");
  const renewed = await post(`${enrolUrl}/v1/renew`, renewBody(NAME, newKey()), node);
  assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
  // Its own refusals count as its own.
  for (let i = 0; i < 20; i++)
    assert.equal(codeOf(await post(`${enrolUrl}/v1/renew`, renewBody(OTHER, newKey()), node)), "bad-proof");
  const late = await post(`${enrolUrl}/v1/renew`, renewBody(NAME, newKey()), node);
  assert.equal(codeOf(late), "too-many-attempts");
});

test("token files are for nobody else, nodes must be of the fabric, and enrolled ones are rekeyed", async () => {
  await using on = await tlsBench();
  const file = join(on.directory, "token");
  const made = await on.vsixctl("node", "enrol", NAME, "--out", file);
  assert.equal(made.code, 0, made.stderr);
  assert.doesNotMatch(made.stdout, /vsix1\./);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await on.vsixctl("node", "enrol", NAME, "--out", file)).code, 1, "the file exists");
  assert.match((await on.vsixctl("node", "enrol", "wide")).stderr, /runs bird/);
  assert.match((await on.vsixctl("node", "rekey", NAME)).stderr, /node enrol edge-1/);
  await enrolRaw((await readFile(file, "utf8")).trim());
  assert.match((await on.vsixctl("node", "enrol", NAME)).stderr, /node rekey edge-1/);
  assert.match((await on.vsixctl("node", "list")).stdout, /edge-1 .*until 20/);
});

test("the broker lets nobody in but by a certificate of ours, under its own name", async () => {
  await using on = await tlsBench();
  const mine = await enrolRaw(await claimToken(on, NAME));
  const others = await enrolRaw(await claimToken(on, OTHER));
  const url = mine.answer.brokerUrl;
  const refused = async (
    what: string,
    id: string,
    as: Credentials | undefined,
    will?: string,
  ): Promise<void> => assert.ok("refused" in (await mqttAs(url, id, as, will)), what);
  const own = `vsix-agent-${NAME}`;
  await refused("none", own, undefined);
  const now = Date.now();
  const validity = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS) };
  const key = newKey();
  const foreignCa = {
    privateKey: key,
    certificate: await makeCaCertificate(key, "vSIX controller CA", validity),
  };
  await refused("self-made", own, { ...mine, key, certificate: foreignCa.certificate });
  const leaf = { commonName: NAME, usage: "client", names: [`vsix:node:${NAME}`], ...validity } as const;
  const forged = await issueLeaf(foreignCa, { ...leaf, publicKey: createPublicKey(key) });
  await refused("foreign CA", own, { ...mine, key, certificate: forged.certificate });
  const realCa = {
    privateKey: createPrivateKey(await readFile(join(on.directory, "state/ca.key"))),
    certificate: mine.ca,
  };
  const publicKey = createPublicKey(key);
  const past = { notBefore: new Date(now - 3 * DAY_MS), notAfter: new Date(now - DAY_MS) };
  const expired = await issueLeaf(realCa, { ...leaf, ...past, publicKey });
  await refused("expired", own, { ...mine, key, certificate: expired.certificate });
  const unknown = await issueLeaf(realCa, { ...leaf, publicKey });
  await refused("of our CA, but issued to nobody", own, { ...mine, key, certificate: unknown.certificate });
  const server = await issueLeaf(realCa, { ...leaf, usage: "server", publicKey });
  await refused("a server's", own, { ...mine, key, certificate: server.certificate });
  await refused("another node's", own, others);
  await refused("another node's client id", `vsix-agent-${OTHER}`, mine);
  await refused("a last will of another node", own, mine, `vsix/v1/${OTHER}/alive`);

  const client = await connected(url, NAME, mine);
  try {
    await client.publishAsync(`vsix/v1/${NAME}/alive`, "x", { qos: 1 });
    const granted = await client.subscribeAsync(`vsix/v1/${NAME}/manifest`, { qos: 1 });
    assert.equal(granted[0]?.qos, 1);
    await assert.rejects(client.subscribeAsync(`vsix/v1/${OTHER}/manifest`, { qos: 1 }));
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.publish(`vsix/v1/${OTHER}/alive`, "x", { qos: 0 });
    await closed;
  } finally {
    client.end(true);
  }
});

test("revocation closes the live session at once, refuses the next, and a new claim brings the node back", async () => {
  await using on = await tlsBench();
  const mine = await enrolRaw(await claimToken(on, NAME));
  const url = mine.answer.brokerUrl;
  const client = await connected(url, NAME, mine);
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  const revoked = await on.json<{ serials: string[] }>("node", "revoke", NAME);
  assert.equal(revoked.serials.length, 1);
  await closed;
  client.end(true);
  assert.ok("refused" in (await mqttAs(url, `vsix-agent-${NAME}`, mine)));
  const renewal = await post(`${mine.answer.enrolUrl}/v1/renew`, renewBody(NAME, newKey()), mine);
  assert.equal(codeOf(renewal), "certificate-refused");
  await on.stop("SIGKILL");
  await on.start();
  assert.ok("refused" in (await mqttAs(url, `vsix-agent-${NAME}`, mine)), "after a restart too");
  const back = await enrolRaw(await claimToken(on, NAME));
  (await connected(url, NAME, back)).end(true);
});

test("renewal and rekeying: the old certificate counts until the new one is used", async () => {
  await using on = await tlsBench();
  const first = await enrolRaw(await claimToken(on, NAME));
  const { brokerUrl: url, enrolUrl } = first.answer;
  const key = newKey();
  assert.equal(codeOf(await post(`${enrolUrl}/v1/renew`, renewBody(NAME, key))), "certificate-refused");
  assert.equal(codeOf(await post(`${enrolUrl}/v1/renew`, renewBody(OTHER, key), first)), "bad-proof");
  const renewed = await post(`${enrolUrl}/v1/renew`, renewBody(NAME, key), first);
  assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
  const second = { ...first, key, certificate: (renewed.body as IdentityAnswer).certificate };
  const old = await connected(url, NAME, first);
  const closed = new Promise<void>((resolve) => old.once("close", () => resolve()));
  const client = await connected(url, NAME, second);
  await closed;
  old.end(true);
  await until(
    "the first is superseded",
    async () => "refused" in (await mqttAs(url, `vsix-agent-${NAME}`, first)),
  );
  client.end(true);

  const third = await enrolRaw(await claimToken(on, NAME, "rekey"));
  (await connected(url, NAME, second)).end(true);
  const confirmed = await post(`${enrolUrl}/v1/confirm`, {}, third);
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
  assert.ok("refused" in (await mqttAs(url, `vsix-agent-${NAME}`, second)), "superseded");
  (await connected(url, NAME, third)).end(true);
});

test("a node that renews and renews is stopped, and holds no more than two certificates that count", async () => {
  await using on = await tlsBench();
  const first = await enrolRaw(await claimToken(on, NAME));
  const { brokerUrl: url, enrolUrl } = first.answer;
  const made: Credentials[] = [];
  for (let i = 0; i < 9; i++) {
    const key = newKey();
    const { body } = await post(`${enrolUrl}/v1/renew`, renewBody(NAME, key), first);
    made.push({ ...first, key, certificate: (body as IdentityAnswer).certificate });
  }
  const more = await post(`${enrolUrl}/v1/renew`, renewBody(NAME, newKey()), first);
  assert.equal(codeOf(more), "too-many-attempts");
  const [lost, last] = [made.at(-2), made.at(-1)];
  assert.ok(lost !== undefined && last !== undefined);
  assert.ok("refused" in (await mqttAs(url, `vsix-agent-${NAME}`, lost)), "a renewal that was never used");
  (await connected(url, NAME, last)).end(true);
});

test("hundreds of idle connections do not keep a node from enrolling", async () => {
  await using on = await tlsBench();
  const token = await claimToken(on, NAME);
  const port = Number(new URL(decodeClaim(token).url).port);
  const idle: Socket[] = [];
  try {
    for (let i = 0; i < 600; i++) {
      const socket = connectTcp({ host: "127.0.0.1", port, localAddress: `127.0.0.${2 + (i % 12)}` });
      socket.on("error", () => {});
      idle.push(socket);
      await once(socket, "connect");
    }
    await until("some were turned away", () => idle.some(({ closed }) => closed));
    await enrolRaw(token);
    assert.ok(idle.filter(({ closed }) => !closed).length <= 512);
  } finally {
    for (const socket of idle) socket.destroy();
  }
});
