import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, isIPv4 } from "node:net";
import type { QueryOutcome } from "../../core/health/model.ts";
import {
  type DnsAnswer,
  DnsDecodeError,
  type DnsQuestion,
  decodeDnsAnswer,
  dnsOverTcp,
  encodeDnsQuery,
} from "../../wire/dns-client.ts";

/** As resolv.conf(5) has it, but less patient: a user would have gone by then. */
const TIMEOUT_MS = 2000;
const ATTEMPTS = 2;
const PORT = 53;
const MAX_ANSWER = 65_537;

/** Asks one resolver one thing. Never throws for what the network does. */
export async function lookUp(
  server: string,
  wanted: Omit<DnsQuestion, "id">,
  signal: AbortSignal,
): Promise<QueryOutcome> {
  const none = { kind: "query", rcode: 0, addresses: [], authentic: false, tcp: false } as const;
  let fault = "no answer";
  const startedMs = performance.now();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const question = { ...wanted, id: randomInt(0x10000) };
    const query = encodeDnsQuery(question);
    if (query === undefined)
      return { ...none, us: 0, fault: `${wanted.name} is no name that can be asked for` };
    const sentMs = performance.now();
    try {
      const stop = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const overUdp = await byUdp(server, query, question, stop);
      const answer = overUdp.truncated ? await byTcp(server, query, question, stop) : overUdp;
      return {
        kind: "query",
        us: Math.round((performance.now() - sentMs) * 1000),
        rcode: answer.rcode,
        addresses: answer.addresses,
        authentic: answer.authentic,
        tcp: overUdp.truncated,
      };
    } catch (error) {
      signal.throwIfAborted();
      fault = faultOf(error);
    }
  }
  const us = Math.round((performance.now() - startedMs) * 1000);
  return { ...none, us, fault };
}

function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError" || error.name === "AbortError")
    return `no answer in ${TIMEOUT_MS / 1000} s`;
  const code = "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "refused: nothing listens there";
  if (code === "ENETUNREACH" || code === "EHOSTUNREACH" || code === "EACCES") return `unreachable (${code})`;
  return error.message;
}

/** What comes from elsewhere, or is no answer to this, is passed over: anybody may send it. */
async function byUdp(
  server: string,
  query: Uint8Array,
  question: DnsQuestion,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const socket = createSocket({ type: isIPv4(server) ? "udp4" : "udp6" });
  const { promise, resolve, reject } = Promise.withResolvers<DnsAnswer>();
  const abort = (): void => reject(signal.reason);
  try {
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", reject);
    socket.on("message", (bytes) => {
      try {
        resolve(decodeDnsAnswer(bytes, question));
      } catch (error) {
        if (!(error instanceof DnsDecodeError)) reject(error);
      }
    });
    // An event, not a callback: that would be called as well where there is no way to the server, and what is sent then is thrown at nobody.
    socket.once("connect", () => {
      socket.send(query, (error) => {
        if (error !== null) reject(error);
      });
    });
    socket.connect(PORT, server);
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.close();
  }
}

/** @throws DnsDecodeError, the system's error. */
async function byTcp(
  server: string,
  query: Uint8Array,
  question: DnsQuestion,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const socket = connect({ host: server, port: PORT });
  const abort = (): void => void socket.destroy(new Error("no answer in time"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    await once(socket, "connect", { signal });
    socket.write(Uint8Array.of(query.length >> 8, query.length, ...query));
    let held = Buffer.alloc(0);
    for await (const chunk of socket) {
      held = Buffer.concat([held, chunk as Buffer]);
      const message = dnsOverTcp(held);
      if (message !== undefined) return decodeDnsAnswer(message, question);
      if (held.length > MAX_ANSWER) break;
    }
    throw new DnsDecodeError("the connection ended before the answer");
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}
