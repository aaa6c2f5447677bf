import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import type { IdentityAnswer } from "@vsix/shared/contract/enrol.ts";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { provePossession, sha256 } from "@vsix/shared/crypto/possession.ts";
import { MqttClient } from "mqtt";

/** A key and what it was certified as. */
export interface Credentials {
  readonly key: KeyObject;
  readonly certificate: string;
  readonly ca: string;
}

export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** One HTTPS request that trusts anybody: what it is told is what the test looks at. `from`: one of our own addresses. */
export async function post(url: string, body: object, as?: Credentials, from?: string): Promise<Reply> {
  const text = JSON.stringify(body);
  const request = httpsRequest(url, {
    method: "POST",
    agent: false,
    rejectUnauthorized: false,
    ...(from === undefined ? {} : { localAddress: from }),
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
    ...(as === undefined ? {} : { key: pemOf(as.key), cert: as.certificate }),
  });
  request.end(text);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown };
}

/** What a claim's holder would send, with anything replaced. */
export function enrolBody(
  token: string,
  key: KeyObject,
  changed: Partial<Record<string, string>> = {},
): object {
  const { node, secret } = decodeClaim(token);
  const spki = spkiOf(key);
  const possession = { purpose: "enrol", node, secretHash: sha256(secret), spki } as const;
  const proof = Buffer.from(provePossession(key, possession)).toString("base64");
  return { node, secret, spki: spki.toString("base64"), proof, ...changed };
}

export function renewBody(node: string, key: KeyObject): object {
  const spki = spkiOf(key);
  const possession = { purpose: "renew", node, secretHash: sha256(""), spki } as const;
  return {
    spki: spki.toString("base64"),
    proof: Buffer.from(provePossession(key, possession)).toString("base64"),
  };
}

export async function enrolRaw(
  token: string,
  from?: string,
): Promise<Credentials & { readonly answer: IdentityAnswer }> {
  const key = newKey();
  const { status, body } = await post(
    `${decodeClaim(token).url}/v1/enrol`,
    enrolBody(token, key),
    undefined,
    from,
  );
  if (status !== 200) throw new Error(`enrolment refused: ${JSON.stringify(body)}`);
  const answer = body as IdentityAnswer;
  return { key, certificate: answer.certificate, ca: answer.ca, answer };
}

/** Why a connection did not come about, or the client that did. */
export async function mqttAs(
  url: string,
  clientId: string,
  credentials: Credentials | undefined,
  will?: string,
): Promise<{ readonly client: MqttClient } | { readonly refused: string }> {
  const { hostname, port } = new URL(url);
  const open = (): TLSSocket =>
    connect({
      host: hostname.replaceAll(/^\[|\]$/g, ""),
      port: Number(port),
      rejectUnauthorized: false,
      ...(credentials === undefined ? {} : { key: pemOf(credentials.key), cert: credentials.certificate }),
    });
  const client = new MqttClient(open, {
    protocolVersion: 4,
    clientId,
    reconnectPeriod: 0,
    connectTimeout: 5000,
    ...(will === undefined
      ? {}
      : { will: { topic: will, payload: Buffer.from("x"), qos: 0, retain: false } }),
  });
  return new Promise((resolve) => {
    let reason = "closed";
    client.once("connect", () => resolve({ client }));
    client.on("error", (error) => {
      reason = error.message;
    });
    client.once("close", () => resolve({ refused: reason }));
  });
}
