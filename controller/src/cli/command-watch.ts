import process from "node:process";
import type { Command } from "commander";
import type { EpeEventView } from "../epe/view.ts";
import { type StreamedPath, streamedLine } from "./commands-path-watch.ts";
import { paint, paintPlane, print } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { epeEventWords } from "./show-epe.ts";

/** watch: every change as it happens; with --json one object a line. Ctrl-C ends it with 0, a lost controller with 3. */
export function addWatchCommand(program: Command): void {
  addCommonOptions(program.command("watch"))
    .description(
      "every change as it happens, until interrupted (exit 0) or the controller goes away (exit 3)",
    )
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const stop = new AbortController();
      process.once("SIGINT", () => stop.abort());
      await api.events(
        "/v1/events",
        (data) => print(json ? data : showEvent(JSON.parse(data) as WatchEvent)),
        stop.signal,
      );
    });
}

type WatchEvent = { readonly at: string } & (
  | { readonly type: "presence"; readonly node: string; readonly online: boolean }
  | {
      readonly type: "report";
      readonly node: string;
      readonly epoch: number;
      readonly generation: number;
      readonly converged: boolean;
    }
  | {
      readonly type: "plane";
      readonly edge: string;
      readonly observer: string;
      readonly direction: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  | {
      readonly type: "commit";
      readonly revision: number;
      readonly changed: readonly string[];
      readonly moved: readonly { readonly edge: string; readonly plane: string; readonly reason: string }[];
      readonly drained: readonly string[];
    }
  | {
      readonly type: "rollout";
      readonly turn: string;
      readonly rollout: number;
      readonly from: string;
      readonly to: string;
      readonly moved: number;
      readonly edges: number;
      readonly words: string;
    }
  | ({ readonly type: "epe" } & Pick<EpeEventView, "prefix" | "body">)
  | StreamedPath
);

function showEvent(event: WatchEvent): string {
  if (event.type === "path") return streamedLine(event);
  return `${event.at.slice(11, 23)}  ${describe(event)}`;
}

function describe(event: Exclude<WatchEvent, StreamedPath>): string {
  if (event.type === "presence") {
    return `${event.node} is ${event.online ? paint("green", "online") : paint("red", "offline")}`;
  }
  if (event.type === "report") {
    const state = event.converged ? "converged" : paint("yellow", "converging");
    return `${event.node} holds manifest ${event.generation} of epoch ${event.epoch}, ${state}`;
  }
  if (event.type === "plane") {
    const { edge, direction, from, to, observer } = event;
    return `${edge} ${direction} ${paintPlane(from)} -> ${paintPlane(to)}, seen by ${observer}`;
  }
  if (event.type === "epe") {
    const { prefix, body } = event;
    return `egress peers: ${body.kind}${prefix === "" ? "" : ` ${prefix}`}: ${epeEventWords(body)}`;
  }
  if (event.type === "rollout") {
    const { rollout, turn, from, to, moved, edges, words } = event;
    const planes = `${paintPlane(from)} -> ${paintPlane(to)}`;
    return `rollout ${rollout}, ${planes}, ${turn}: ${words} (${moved} of ${edges} Edges on ${to})`;
  }
  const moved = event.moved.map(
    ({ edge, plane, reason }) => `${edge} wanted on ${paintPlane(plane)} (${reason})`,
  );
  const drained = event.drained.length === 0 ? [] : [`drained: ${event.drained.join(", ")}`];
  const changed = `${event.changed.length} manifests`;
  return [`revision ${event.revision}, ${changed}`, ...moved, ...drained].join("; ");
}
