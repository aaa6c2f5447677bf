import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { IdentityAnswer } from "@vsix/shared/contract/enrol.ts";
import type { Envelope } from "@vsix/shared/contract/envelope.ts";
import { parseManifest, parsePart } from "@vsix/shared/contract/parse.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { checkDocument } from "../../agent/src/core/check-document.ts";
import { until } from "./harness.ts";
import { tlsBench } from "./identity-bench.ts";
import { enrolBody, mqttAs, newKey, post } from "./raw-node.ts";

const FABRIC = join(import.meta.dirname, "../../examples/access.yaml");
const NODE = "access-1";

test("a device that enrols for an application is told its tunnel, prefix and LAN, follows the application, and is told nothing when that is over", async () => {
  await using on = await tlsBench();
  const ok = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await on.vsixctl(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  };
  await ok("apply", FABRIC);
  await ok("pool", "create", "east", "--purpose", "tunnel", "--prefix", "2001:db8:e000::/40");
  await ok("service", "set", "generic-tunneling", "--approval", "auto");
  await ok("user", "create", "alice");
  const home = ["--device", "pi", "--endpoint", "3fff:250::1"];
  await ok("application", "create", "alice", "generic-tunneling", ...home);
  const { token } = await on.json<{ token: string }>("application", "claim", "1");
  const key = newKey();
  const { body } = await post(`${decodeClaim(token).url}/v1/enrol`, enrolBody(token, key));
  const { certificate, ca, brokerUrl } = body as IdentityAnswer;
  const session = await mqttAs(brokerUrl, `vsix-agent-${NODE}`, { certificate, key, ca });
  assert.ok("client" in session);
  const { client } = session;
  const held = new Map<string, Buffer>();
  client.on("message", (topic, payload) => held.set(topic, payload));
  await client.subscribeAsync([topics.manifest(NODE), topics.part(NODE, "+")]);
  const manifest = () => {
    const bytes = held.get(topics.manifest(NODE));
    if (bytes === undefined || bytes.length === 0) return undefined;
    const { payload } = JSON.parse(bytes.toString("utf8")) as Envelope;
    return parseManifest(Buffer.from(payload, "base64"));
  };
  const bytesOf = (name: string): Buffer | undefined => {
    const reference = manifest()?.parts.find((one) => one.name === name);
    return reference === undefined ? undefined : held.get(topics.part(NODE, reference.sha256));
  };
  await until("the device has its document", () => bytesOf("home") !== undefined);
  const part = parsePart("home", bytesOf("home") ?? Buffer.alloc(0));
  assert.deepEqual(part.tunnels, [
    { id: "1", remote: "2001:db8:53:e::1", mtu: 1460, hopLimit: 64, prefixes: ["2001:db8:e000::/60"] },
  ]);
  const fabric = parsePart("fabric", bytesOf("fabric") ?? Buffer.alloc(0));
  assert.deepEqual([fabric.node.name, fabric.interfaces], [NODE, []]);
  const bgp = parsePart("bgp", bytesOf("bgp") ?? Buffer.alloc(0));
  checkDocument({ fabric, bgp, steering: undefined, home: part });

  const before = manifest()?.generation ?? 0;
  await ok("apply", FABRIC);
  await ok("application", "suspend", "1");
  await until("a suspended application has no document", () => held.get(topics.manifest(NODE))?.length === 0);
  await ok("application", "resume", "1");
  await until("it comes back, and its generations go on", () => (manifest()?.generation ?? 0) > before);
  assert.ok(bytesOf("home") !== undefined);

  await on.stop("SIGKILL");
  await on.start();
  held.clear();
  client.end(true);
  const again = await mqttAs(brokerUrl, `vsix-agent-${NODE}`, { certificate, key, ca });
  assert.ok("client" in again);
  again.client.on("message", (topic, payload) => held.set(topic, payload));
  await again.client.subscribeAsync([topics.manifest(NODE), topics.part(NODE, "+")]);
  await until("a controller that starts anew tells it again", () => bytesOf("home") !== undefined);
  again.client.end(true);
});
