import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FetchOutcome } from "../../core/health/model.ts";

const TIMEOUT_MS = 6000;
/** So much of a page is read: enough for packets of full size, which are what vanishes. */
const READ = 64 * 1024;
/** A page that pauses for so long has stalled. */
const STALL_MS = 4000;

/** Fetches a page from one address; its name is still what the server and its certificate are asked for. Never throws for what the network does. */
export async function fetchPage(url: string, address: string, signal: AbortSignal): Promise<FetchOutcome> {
  const startedMs = performance.now();
  const passed = (): number => Math.round((performance.now() - startedMs) * 1000);
  const stop = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  let connectUs: number | undefined;
  const reached = (): Pick<FetchOutcome, "connectUs"> => (connectUs === undefined ? {} : { connectUs });
  let request: ClientRequest | undefined;
  try {
    request = open(url, address, stop);
    request.on("socket", (socket: Socket) => {
      socket.once("connect", () => {
        connectUs = passed();
      });
    });
    request.end();
    const [response] = (await once(request, "response", { signal: stop })) as [IncomingMessage];
    const firstByteUs = passed();
    const nowMs = Date.now();
    const date = Date.parse(response.headers.date ?? "");
    const answered: FetchOutcome = {
      kind: "fetch",
      address,
      ...reached(),
      firstByteUs,
      ...(Number.isNaN(date) ? {} : { clockMs: date - nowMs }),
    };
    const fault = await stall(response, signal);
    if (fault !== undefined) return { ...answered, fault };
    return { ...answered, status: response.statusCode ?? 0 };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "fetch", address, ...reached(), fault: faultOf(error, connectUs !== undefined) };
  } finally {
    request?.destroy();
  }
}

function open(url: string, address: string, signal: AbortSignal): ClientRequest {
  const target = new URL(url);
  const request = target.protocol === "https:" ? httpsRequest : httpRequest;
  // A literal is not looked up, and it may be one of IPv4 that stands for a translated address.
  const literal = /^[[\d]/.test(target.hostname);
  return request(target, {
    method: "GET",
    agent: false,
    signal,
    ...(literal ? { host: address } : {}),
    headers: { host: target.host, "user-agent": "vsix-agent health", accept: "*/*", connection: "close" },
    lookup: (_host, options, found) => {
      const family = 6;
      if (options.all === true) found(null, [{ address, family }]);
      else found(null, address, family);
    },
  });
}

/** Reads the beginning of a page. Undefined where it comes. */
async function stall(
  response: IncomingMessage,
  signal: AbortSignal,
): Promise<FetchOutcome["fault"] | undefined> {
  let octets = 0;
  let atMs = performance.now();
  const done = new AbortController();
  response.on("data", (chunk: Buffer) => {
    octets += chunk.length;
    atMs = performance.now();
    if (octets >= READ) done.abort();
  });
  response.once("end", () => done.abort());
  response.once("error", () => done.abort());
  response.once("close", () => done.abort());
  while (!done.signal.aborted) {
    signal.throwIfAborted();
    if (performance.now() - atMs > STALL_MS)
      return { code: "stalled", text: `the page stalls after ${octets} octets` };
    await sleep(50, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined);
  }
  return undefined;
}

function faultOf(error: unknown, connected: boolean): { readonly code: string; readonly text: string } {
  if (!(error instanceof Error)) return { code: "unknown", text: String(error) };
  const code = "code" in error ? String(error.code) : error.name;
  if (error.name === "TimeoutError" || error.name === "AbortError" || code === "ABORT_ERR")
    return {
      code: "timeout",
      text: connected ? "connected, but no answer in time" : "no connection: nothing comes back",
    };
  if (code === "ECONNREFUSED") return { code, text: "connection refused" };
  if (code === "ECONNRESET") return { code, text: "connection reset" };
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return { code, text: `unreachable (${code})` };
  return { code, text: error.message };
}
