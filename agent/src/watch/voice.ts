import type { PathEvent } from "@vsix/shared/paths/watch-state.ts";
import { eventLine, type Paint, plain, tableLines, timeText } from "./lines.ts";
import type { ListedPath } from "./orders.ts";

/** What became of a try at a receiver. */
export type Outcome = "sent" | "retrying" | "dropped";

export interface Started {
  readonly source: string;
  readonly expected: string;
  readonly paths: number;
  /** From one look to the next, shortest and longest, seconds. */
  readonly everyS: readonly [number, number];
  readonly receivers: readonly string[];
  readonly state: string | undefined;
}

/** How a watch says what happens. */
export interface WatchVoice {
  started(what: Started): void;
  event(event: PathEvent): void;
  /** A receiver's newest try was of another outcome than the one before, or a notice was given up. */
  receiver(name: string, outcome: Outcome, code: string): void;
  /** Something that an operator should put right. */
  fault(words: string): void;
  /** Every second. */
  look(paths: readonly ListedPath[], at: number): void;
  /** The files were read again. */
  reread(paths: number): void;
  ended(why: string): void;
}

/** A line of JSON each, for programs. */
export function jsonVoice(out: (text: string) => void, wallMs: () => number): WatchVoice {
  const say = (kind: string, what: object): void =>
    out(`${JSON.stringify({ version: 1, kind, at: wallMs(), ...what })}\n`);
  return {
    started: (what) => say("started", what),
    event: (event) => say("event", { event }),
    receiver: (receiver, outcome, code) => say("receiver", { receiver, outcome, code }),
    fault: (words) => say("fault", { words }),
    look: () => {},
    reread: (paths) => say("reread", { paths }),
    ended: (why) => say("ended", { why }),
  };
}

/** A terminal under a live table. */
export interface Screen {
  readonly columns: () => number;
  readonly rows: () => number;
}

const SEEN: Readonly<Record<Outcome, string>> = {
  sent: "takes notices",
  retrying: "does not take notices now; it is tried until it does",
  dropped: "a notice for it was given up",
};
/** Cursor up to the table's first line, and clear from there (ECMA-48 CUU, ED). */
const erase = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A\u001b[0J`);

/** Lines for people; with a screen, a table of all paths stays below them. */
export function plainVoice(
  out: (text: string) => void,
  wallMs: () => number,
  paint: Paint = plain,
  screen?: Screen,
): WatchVoice {
  let table: readonly string[] = [];
  const say = (line: string): void => {
    out(`${erase(table.length)}${line}\n${table.map((row) => `${row}\n`).join("")}`);
  };
  const now = (): string => timeText(wallMs());
  return {
    started({ source, expected, paths, everyS: [least, most], receivers, state }) {
      const every = least === most ? `${least} s` : `${least} to ${most} s`;
      const told = receivers.length === 0 ? "nobody is told (--notify)" : `${receivers.join(", ")} told`;
      const kept = state === undefined ? "nothing is remembered (--state)" : `remembered in ${state}`;
      say(
        `${now()}  watching ${paths} path${paths === 1 ? "" : "s"} of ${expected} from ${source}, every ${every}; ${told}; ${kept}`,
      );
    },
    event: (event) => say(eventLine(event, paint)),
    receiver: (name, outcome, code) =>
      say(`${now()}  receiver   ${name}: ${SEEN[outcome]}${outcome === "sent" ? "" : ` (${code})`}`),
    fault: (words) => say(`${now()}  ${paint("red", "fault    ")}  ${words}`),
    look(paths, at) {
      if (screen === undefined) return;
      const fresh = tableLines(paths, at, screen.rows() - 1, screen.columns(), paint);
      out(`${erase(table.length)}${fresh.map((row) => `${row}\n`).join("")}`);
      table = fresh;
    },
    reread: (paths) => say(`${now()}  the files were read again; ${paths} path${paths === 1 ? "" : "s"}`),
    ended: (why) => say(`${now()}  ended by ${why}`),
  };
}
