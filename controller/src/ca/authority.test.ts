import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { CertificateAuthority } from "./authority.ts";
import { ServerIdentity } from "./server-identity.ts";

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-ca-"));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("the CA is made once, kept, and its key is for nobody else to read", async () => {
  await inDirectory(async (directory) => {
    const first = await CertificateAuthority.open(directory, systemClock);
    const second = await CertificateAuthority.open(directory, systemClock);
    assert.equal(second.certificate, first.certificate);
    assert.equal(second.pin, first.pin);
    assert.equal((await stat(join(directory, "ca.key"))).mode & 0o777, 0o600);
    const parsed = new X509Certificate(first.certificate);
    assert.ok(parsed.ca);
    await chmod(join(directory, "ca.key"), 0o644);
    await assert.rejects(CertificateAuthority.open(directory, systemClock), { code: "key-file" });
  });
});

test("a CA whose certificate was lost makes another for the same key, so pins stay", async () => {
  await inDirectory(async (directory) => {
    const first = await CertificateAuthority.open(directory, systemClock);
    await rm(join(directory, "ca.crt"));
    const second = await CertificateAuthority.open(directory, systemClock);
    assert.equal(second.pin, first.pin);
    assert.notEqual(second.certificate, first.certificate);
  });
});

test("a node's certificate names the node once, is no CA and serves clients only", async () => {
  await inDirectory(async (directory) => {
    const ca = await CertificateAuthority.open(directory, systemClock);
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const issued = await ca.issueNode("edge-1", publicKey);
    const parsed = new X509Certificate(issued.certificate);
    assert.equal(parsed.subject, `CN=edge-1\nserialNumber=${issued.serial}`);
    assert.equal(parsed.subjectAltName, "URI:vsix:node:edge-1");
    assert.deepEqual(parsed.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    assert.equal(parsed.ca, false);
    assert.equal(parsed.serialNumber.toLowerCase(), issued.serial);
    assert.ok(parsed.verify(new X509Certificate(ca.certificate).publicKey));
    assert.ok(parsed.checkIssued(new X509Certificate(ca.certificate)));
  });
});

test("the server certificate is issued anew when its names change or it nears its end, and otherwise kept", async () => {
  await inDirectory(async (directory) => {
    const ca = await CertificateAuthority.open(directory, systemClock);
    const names = ["noc.example.net", "2001:db8::1", "192.0.2.1"];
    const first = await ServerIdentity.open(ca, directory, names, systemClock);
    const parsed = new X509Certificate(first.tls.cert);
    for (const address of ["2001:db8::1", "192.0.2.1"]) assert.ok(parsed.checkIP(address), address);
    assert.ok(parsed.checkHost("noc.example.net"));
    assert.deepEqual(parsed.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    const again = await ServerIdentity.open(ca, directory, names, systemClock);
    assert.equal(again.tls.cert, first.tls.cert);
    const other = await ServerIdentity.open(ca, directory, [...names, "2001:db8::2"], systemClock);
    assert.notEqual(other.tls.cert, first.tls.cert);
    let nowMs = systemClock.wallMs();
    const clock = { ...systemClock, wallMs: () => nowMs };
    const late = await ServerIdentity.open(ca, directory, names, clock);
    const heard: string[] = [];
    late.listen(({ cert }) => heard.push(cert));
    assert.equal(await late.renewIfDue(), false);
    nowMs += 300 * 86_400_000;
    assert.equal(await late.renewIfDue(), true);
    assert.deepEqual(heard, [late.tls.cert]);
  });
});
