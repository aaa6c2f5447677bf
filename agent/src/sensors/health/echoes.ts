import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { EchoOutcome } from "../../core/health/model.ts";
import { FIRST_EGRESS_PORT } from "../../core/trace/flow-identity.ts";
import { ageUs, Icmp6Socket, type ReceivedIcmp6 } from "../../io/icmp6.ts";
import { NetlinkError } from "../../io/netlink-error.ts";
import { canonicalIp6 } from "../../wire/netlink/ip-text.ts";

/** What became of one echo. */
export type EchoAnswer =
  | { readonly kind: "reply"; readonly rttUs: number }
  | { readonly kind: "exceeded"; readonly from: string }
  | { readonly kind: "too-big"; readonly from: string; readonly mtu: number }
  | { readonly kind: "unreachable"; readonly from: string; readonly what: string }
  | { readonly kind: "silent" }
  /** The kernel did not send it. */
  | { readonly kind: "refused"; readonly errno: number };

export interface EchoSpec {
  readonly hopLimit?: number;
  /** Octets of the packet. */
  readonly size?: number;
  readonly interfaceIndex?: number;
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly destination: string;
  readonly sentUs: number;
  readonly answer: (answer: EchoAnswer) => void;
}

const TIMEOUT_MS = 1000;
const SPACING_MS = 150;
/** RFC 4443 section 3.1. */
const CODES = [
  "no route",
  "administratively prohibited",
  "beyond scope",
  "address unreachable",
  "port unreachable",
  "source address failed policy",
  "reject route",
];

/** Echoes to anybody, each of which ends: answered, refused, or silent after a while. Needs CAP_NET_RAW. */
export class Echoes implements AsyncDisposable {
  readonly #socket: Icmp6Socket;
  readonly #id = randomInt(1, FIRST_EGRESS_PORT);
  readonly #waiting = new Map<number, Waiting>();
  #sequence = randomInt(0x10000);

  /** @throws NetlinkError where raw sockets are not allowed. */
  constructor() {
    this.#socket = Icmp6Socket.open((received) => this.#received(received), { ids: [this.#id, this.#id] });
  }

  /** One echo; never throws for what becomes of it. */
  async one(to: string, spec: EchoSpec = {}): Promise<EchoAnswer> {
    const destination = canonicalIp6(to);
    if (destination === undefined) return { kind: "refused", errno: 22 };
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const sequence = this.#sequence;
    const { hopLimit, size, interfaceIndex = 0, timeoutMs = TIMEOUT_MS } = spec;
    const { promise, resolve } = Promise.withResolvers<EchoAnswer>();
    this.#waiting.set(sequence, { destination, sentUs: nowUs(), answer: resolve });
    const timer = setTimeout(() => {
      this.#socket.drain();
      resolve({ kind: "silent" });
    }, timeoutMs);
    const errno = this.#socket.send({
      destination,
      id: this.#id,
      sequence,
      interface: interfaceIndex,
      ...(hopLimit === undefined ? {} : { hopLimit }),
      ...(size === undefined ? {} : { size }),
    });
    if (errno !== 0) resolve({ kind: "refused", errno });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(sequence);
    }
  }

  /** Several, a little apart. */
  async many(to: string, count: number, spec: EchoSpec, signal: AbortSignal): Promise<EchoOutcome> {
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, i): Promise<EchoAnswer> => {
        await sleep(i * SPACING_MS, undefined, { signal });
        return this.one(to, spec);
      }),
    );
    const refused = answers.find((answer) => answer.kind === "refused");
    const errors = new Map<string, { from: string; what: string }>();
    for (const answer of answers) {
      const what = whatOf(answer);
      if (what !== undefined && "from" in answer)
        errors.set(`${answer.from} ${what}`, { from: answer.from, what });
    }
    return {
      kind: "echo",
      address: to,
      sent: count,
      rttsUs: answers.flatMap((answer) => (answer.kind === "reply" ? [answer.rttUs] : [])),
      errors: [...errors.values()],
      ...(refused?.kind === "refused" && answers.every(({ kind }) => kind === "refused")
        ? { refused: new NetlinkError(refused.errno).message }
        : {}),
    };
  }

  #received({ source, message, timestampNs }: ReceivedIcmp6): void {
    if (message.type === "echo-reply") {
      const waiting = this.#waiting.get(message.sequence);
      if (message.id !== this.#id || waiting?.destination !== source) return;
      const rttUs = Math.max(1, Math.round(nowUs() - ageUs(timestampNs) - waiting.sentUs));
      waiting.answer({ kind: "reply", rttUs });
      return;
    }
    if (!("quoted" in message)) return;
    const { quoted } = message;
    // Only who saw our packet can quote its number.
    const waiting = quoted?.echo?.id === this.#id ? this.#waiting.get(quoted.echo.sequence) : undefined;
    if (waiting === undefined || waiting.destination !== quoted?.destination) return;
    if (message.type === "time-exceeded") waiting.answer({ kind: "exceeded", from: source });
    else if (message.type === "packet-too-big")
      waiting.answer({ kind: "too-big", from: source, mtu: message.mtu ?? 0 });
    else if (message.type === "unreachable")
      waiting.answer({
        kind: "unreachable",
        from: source,
        what: CODES[message.code] ?? `code ${message.code}`,
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
    for (const { answer } of this.#waiting.values()) answer({ kind: "silent" });
  }
}

function whatOf(answer: EchoAnswer): string | undefined {
  switch (answer.kind) {
    case "unreachable":
      return answer.what;
    case "exceeded":
      return "hop limit exceeded (a loop?)";
    case "too-big":
      return `packet too big, ${answer.mtu} fit`;
    default:
      return undefined;
  }
}

/** Monotonic. */
function nowUs(): number {
  return performance.now() * 1000;
}
