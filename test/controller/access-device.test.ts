import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorBody } from "@vsix/controller/http/schemas.ts";
import type { IdentityAnswer } from "@vsix/shared/contract/enrol.ts";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { tlsBench } from "./identity-bench.ts";
import { enrolBody, mqttAs, newKey, post, renewBody } from "./raw-node.ts";

interface Claimed {
  readonly token: string;
  readonly error?: { readonly code: string };
}

test("one device enrols for an application, with its claim and once; what is revoked has neither claim nor certificate", async () => {
  await using on = await tlsBench();
  for (const args of [
    ["pool", "create", "home", "--purpose", "tunnel", "--prefix", "2001:db8:100::/48"],
    ["user", "create", "alice"],
    ["application", "create", "alice", "generic-tunneling", "--device", "pi"],
  ]) {
    const { code, stderr } = await on.vsixctl(...args);
    assert.equal(code, 0, stderr);
  }
  const claim = async (...more: readonly string[]) => on.json<Claimed>("application", "claim", "1", ...more);
  assert.equal((await claim()).error?.code, "application-state", "it waits for an operator");
  await on.vsixctl("application", "approve", "1");
  const { token } = await claim();
  const { url, node } = decodeClaim(token);
  assert.equal(node, "access-1");
  const key = newKey();
  const enrolled = await post(`${url}/v1/enrol`, enrolBody(token, key));
  assert.equal(enrolled.status, 200, JSON.stringify(enrolled.body));
  const stolen = await post(`${url}/v1/enrol`, enrolBody(token, newKey()));
  assert.equal((stolen.body as ErrorBody).error.code, "claim-used");
  assert.equal((await claim()).error?.code, "already-enrolled");

  const { certificate, ca, brokerUrl } = enrolled.body as IdentityAnswer;
  const credentials = { certificate, key, ca };
  const session = await mqttAs(brokerUrl, "vsix-agent-access-1", credentials);
  assert.ok("client" in session);
  const closed = new Promise<void>((resolve) => session.client.once("close", () => resolve()));
  assert.equal((await on.vsixctl("application", "revoke", "1")).code, 0);
  await closed;
  session.client.end(true);
  assert.ok("refused" in (await mqttAs(brokerUrl, "vsix-agent-access-1", credentials)));
  const renewed = await post(`${url}/v1/renew`, renewBody(node, newKey()), credentials);
  assert.equal((renewed.body as ErrorBody).error.code, "certificate-refused");
  assert.equal((await claim("--again")).error?.code, "not-enrolled");
});
