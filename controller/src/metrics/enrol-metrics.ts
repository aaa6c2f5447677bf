import { Counter, type Registry } from "prom-client";

/** How a request of the enrolment listener ended: `done`, or why it was refused, by the code of the answer. */
const OUTCOMES = [
  "done",
  "claim-refused",
  "claim-expired",
  "claim-used",
  "claim-locked",
  "bad-proof",
  "certificate-refused",
  "too-many-attempts",
  "too-many-requests",
  "bad-request",
  "no-such-route",
  "failed",
] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Why a connection ended before it had said anything that could be answered. */
const CLOSED = ["too-many", "tls", "malformed"] as const;
type Closed = (typeof CLOSED)[number];

/** Figures of the enrolment listener. Labels are words of our own: whoever reaches it could make up anything else. */
export class EnrolMetrics {
  readonly #requests: Counter<"route" | "outcome">;
  readonly #closed: Counter<"reason">;

  constructor(registry: Registry, prefix: string) {
    const registers = [registry];
    this.#requests = new Counter({
      name: `${prefix}requests_total`,
      help: "Requests of the enrolment listener, by what came of them",
      labelNames: ["route", "outcome"],
      registers,
    });
    this.#closed = new Counter({
      name: `${prefix}connections_closed_total`,
      help: "Connections to it that were closed unanswered: too many, no TLS handshake, no HTTP",
      labelNames: ["reason"],
      registers,
    });
    for (const outcome of OUTCOMES) this.#requests.inc({ route: "/v1/enrol", outcome }, 0);
    for (const reason of CLOSED) this.#closed.inc({ reason }, 0);
  }

  done(route: string): void {
    this.#count(route, "done");
  }

  /** `status` and `code` as they were answered. */
  refused(route: string, status: number, code: string): void {
    const known = OUTCOMES.find((one) => one === code);
    const other = status === 429 ? "too-many-requests" : status < 500 ? "bad-request" : "failed";
    this.#count(route, known ?? other);
  }

  closed(reason: Closed): void {
    this.#closed.inc({ reason });
  }

  #count(route: string, outcome: Outcome): void {
    this.#requests.inc({ route, outcome });
  }
}
