import { once } from "node:events";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** What somebody without a token does to the controller's API. */
export interface Flood {
  readonly host: string;
  readonly port: number;
  /** Connections to open, and to hold for as long as they are let. */
  readonly connections: number;
  /** Tokens to guess, one after another. */
  readonly guesses: number;
  /** Octets of a body that nobody asked for. */
  readonly bodyOctets: number;
}

/** How far that came. */
export interface Flooded {
  /**
   * Connections that seemed open half a second after the last was made: also those that wait for the controller to accept them, and
   * those that it has closed while this process was behind.
   */
  readonly open: number;
  /** Answers to guesses by status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Octets of the body that the kernel took before the controller closed. */
  readonly bodyTaken: number;
}

/** Who attacks believes any certificate. */
const TRUSTING = { rejectUnauthorized: false, agent: false } as const;

async function guess({ host, port, guesses }: Flood): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let i = 0; i < guesses; i++) {
    const token = `vsixt_${String(i).padStart(43, "A")}`;
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ host, port, path: "/v1/status", headers, ...TRUSTING });
    const status = await new Promise<string>((resolve) => {
      asked.on("response", (response) => resolve(String(response.resume().statusCode)));
      asked.on("error", () => resolve("cut off"));
      asked.end();
    });
    answers[status] = (answers[status] ?? 0) + 1;
  }
  return answers;
}

async function pour({ host, port, bodyOctets }: Flood): Promise<number> {
  const headers = { "content-type": "application/json", "content-length": String(bodyOctets) };
  const asked = request({ host, port, path: "/v1/fabric", method: "POST", headers, ...TRUSTING });
  let open = true;
  const close = (): void => {
    open = false;
  };
  asked.on("error", close).on("close", close);
  asked.on("response", (response) => response.resume());
  const chunk = Buffer.alloc(64 * 1024, "x");
  let taken = 0;
  while (open && taken < bodyOctets) {
    if (!asked.write(chunk)) await Promise.race([once(asked, "drain").catch(close), sleep(2000).then(close)]);
    if (open) taken += chunk.length;
  }
  asked.destroy();
  return taken;
}

async function hold({ host, port, connections }: Flood): Promise<number> {
  const open = new Set<Socket>();
  for (let i = 0; i < connections; i++) {
    const socket = connect({ host, port });
    socket.on("connect", () => open.add(socket));
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    socket.resume();
    if (i % 100 === 99) await sleep(50);
  }
  await sleep(500);
  const { size } = open;
  for (const socket of open) socket.destroy();
  return size;
}

const flood = JSON.parse(await text(process.stdin)) as Flood;
const answers = await guess(flood);
const bodyTaken = await pour(flood);
const open = await hold(flood);
const flooded: Flooded = { open, answers, bodyTaken };
process.stdout.write(JSON.stringify(flooded));
process.exit(0);
