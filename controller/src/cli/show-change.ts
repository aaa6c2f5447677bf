import type { ApplyAnswer, ErrorBody, MoveAnswer } from "../http/schemas.ts";
import { milliseconds, paint, paintPlane } from "./output.ts";
import { formatTable } from "./table.ts";

/** Characters of one line of a plan; whole with --full. */
const LINE_WIDTH = 140;

export function showApply(answer: ApplyAnswer, full: boolean): string {
  const lines: string[] = [];
  for (const { node, change, lines: changes } of answer.diff) {
    lines.push(paint("bold", `${node} (${change})`));
    for (const line of changes) lines.push(`  ${paintChange(full ? line : shorten(line))}`);
  }
  for (const what of answer.held)
    lines.push(paint("yellow", `not of ${answer.plane}, waits for an apply of the whole file: ${what}`));
  for (const wish of answer.dropped) lines.push(paint("yellow", `no longer fits and is dropped: ${wish}`));
  for (const { file, line, column, message } of answer.unfitPaths)
    lines.push(paint("yellow", `no longer watched: ${file}:${line}:${column}: ${message}`));
  const nodes = `${answer.diff.length} node${answer.diff.length === 1 ? "" : "s"}`;
  if (answer.dryRun) lines.push(`dry run: ${nodes} would change, nothing is stored`);
  else if (!answer.stored) lines.push(`revision ${answer.revision} is this very file; nothing to do`);
  else {
    const how = answer.published ? "published" : paint("yellow", "stored; publishing still goes on");
    const only = answer.plane === null ? "" : ` of ${answer.plane} alone`;
    lines.push(`revision ${answer.revision}${only}: ${nodes} changed, ${how}`);
  }
  return lines.join("\n");
}

function paintChange(line: string): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : paint("yellow", line);
}

function shorten(line: string): string {
  return line.length <= LINE_WIDTH ? line : `${line.slice(0, LINE_WIDTH - 1)}…`;
}

export function showMove(answer: MoveAnswer): string {
  const lines: string[] = [];
  if (answer.edges.length === 0) lines.push("no Edge is wanted anywhere else by this");
  for (const { edge, plane, reason } of answer.edges)
    lines.push(`${edge} wanted on ${paintPlane(plane)} (${reason})`);
  if (!answer.published) lines.push(paint("yellow", "the broker has not taken everything yet"));
  lines.push(
    formatTable(
      ["EDGE", "SEEN BY", "DIRECTION", "BEFORE", "NOW", "SEEN AFTER", "CHANGED AFTER"],
      answer.sightings.map((one) => [
        one.edge,
        one.externalEdge,
        one.direction,
        paintPlane(one.before),
        paintPlane(one.now),
        milliseconds(one.ms),
        milliseconds(one.nodeClockMs),
      ]),
    ),
  );
  if (answer.observed) {
    if (answer.sightings.length > 0) lines.push(paint("green", "observed in both directions"));
  } else {
    lines.push(paint("red", "not observed in time:"), ...answer.missing.map((one) => `  ${one}`));
  }
  return lines.filter((line) => line !== "").join("\n");
}

/** A fabric file's faults as compilers print them; otherwise the message. */
export function showError(message: string, body: ErrorBody | undefined): string {
  const faults = body?.error.faults ?? [];
  return [
    ...faults.map((fault) => `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`),
    `vsixctl: ${message}`,
  ].join("\n");
}
