import { connect } from "node:net";
import { ProgramError } from "./run-program.ts";

/** Kea's answer to a command; its `result` was 0 or 3 (nothing found). */
export interface KeaAnswer {
  readonly found: boolean;
  readonly text: string;
}

const NOT_FOUND = 3;
/** Octets of an answer that are read. */
const MAX_ANSWER = 1024 * 1024;

/**
 * Gives kea a command by its control socket (Kea ARM, "Management API"): JSON in, JSON out, then it closes. Throws {@link ProgramError}
 * `program-slow` without an answer in time, `program-failed` with Kea's words, or the signal's reason.
 */
export async function askKea(
  socket: string,
  command: string,
  args: object | undefined,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<KeaAnswer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const client = connect(socket);
  const late = `kea-dhcp6 has not answered ${command} within ${timeoutMs} ms`;
  const timer = setTimeout(() => reject(new ProgramError("program-slow", late)), timeoutMs);
  const aborted = (): void => reject(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });
  let said = "";
  client.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.length > MAX_ANSWER)
      reject(new ProgramError("program-failed", `${command}: too long an answer`));
  });
  client.once("end", () => resolve(said));
  client.once("error", (cause) => {
    const message = `nobody answers on ${socket}: ${cause.message}`;
    reject(new ProgramError("program-failed", message, { cause }));
  });
  client.write(JSON.stringify({ command, ...(args === undefined ? {} : { arguments: args }) }));
  try {
    return answerOf(command, await promise);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", aborted);
    client.destroy();
  }
}

function answerOf(command: string, said: string): KeaAnswer {
  let value: unknown;
  try {
    value = JSON.parse(said);
  } catch (cause) {
    throw new ProgramError("program-failed", `kea-dhcp6 answers ${command} with no JSON`, { cause });
  }
  const { result, text } = (value ?? {}) as { readonly result?: unknown; readonly text?: unknown };
  const words = typeof text === "string" ? text.slice(0, 1000) : "";
  if (result !== 0 && result !== NOT_FOUND)
    throw new ProgramError("program-failed", `kea-dhcp6 ${command}: ${words || "refused"}`);
  return { found: result === 0, text: words };
}
