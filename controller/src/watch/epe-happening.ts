import type { EpeEventBody } from "../epe/events.ts";
import type { EpeHappening } from "./epe-digest.ts";

/** Of the log of egress peer engineering, one event. */
export interface LoggedEpe {
  readonly id: number;
  /** Wall clock, milliseconds. */
  readonly at: number;
  /** Empty where it is about no destination. */
  readonly prefix: string;
  readonly body: EpeEventBody;
}

/** What people are told of it; undefined for what is none of their business. */
export function happeningOf({ id, at, prefix, body }: LoggedEpe): EpeHappening | undefined {
  switch (body.kind) {
    case "mode": {
      const words = `${body.mode}, by ${body.who}${body.note === "" ? "" : `: ${body.note}`}`;
      // An operator may switch as often as he likes, and everybody hears of it.
      return { id, at, type: "switched", key: `mode ${id}`, line: { words } };
    }
    case "destinations":
      return undefined;
    case "move":
    case "revert": {
      if (!body.done) return undefined;
      const { node, className, from, to } = body;
      const words = `${className}: ${from ?? "BGP's choice"} -> ${to ?? "BGP's choice"}; ${reasonOf(body.words[0] ?? body.rule)}`;
      const type = body.kind === "move" ? "moved" : "taken-back";
      return { id, at, type, key: `row ${node} ${className} ${prefix}`, line: { prefix, node, words } };
    }
    case "bad-path": {
      const { kind, change, peer, evidence, node } = body.what;
      const type = change === "ends" ? "bad-path-over" : change === "once" ? "path-changed" : "bad-path";
      const line = {
        prefix,
        ...(node === undefined ? {} : { node }),
        words: `${KINDS[kind]}: ${change === "ends" ? `${peer}, ` : ""}${evidence}`,
      };
      return { id, at, type, key: `${kind} ${prefix} ${peer}`, line };
    }
    case "alarm": {
      const { change, node, object, reason } = body;
      const type = change === "ends" ? "alarm-over" : "alarm";
      return { id, at, type, key: `alarm ${node} ${object}`, line: { node, words: `${object}: ${reason}` } };
    }
  }
}

const KINDS = {
  "longer-as-path": "longer AS path",
  "inflated-rtt": "longer round trip",
  "path-changed": "another AS path",
} as const;

/** The last part of a decision's first line says why (core/epe/words.ts); the rest is in the notice already. */
function reasonOf(words: string): string {
  return words.split(": ").slice(2).join(": ") || words;
}
