import { connect } from "node:net";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";

/** Octets of an answer at most: 10,000 peers are 3 MB. */
const MAX_ANSWER = 64 * 1024 * 1024;
const ANSWER_MS = 30_000;

/**
 * Asks wireguard-go by its UNIX socket, one request a connection. Requests hold secrets: neither they nor answers are ever
 * part of an error.
 * @throws NetlinkError ENODEV where nobody listens, EIO where the answer is none; the signal's reason.
 */
export async function askUapi(path: string, request: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ path });
  const stop = (): void => void socket.destroy(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const chunks: Buffer[] = [];
  let octets = 0;
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new NetlinkError(EIO, "wireguard-go does not answer")));
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > MAX_ANSWER) socket.destroy(new NetlinkError(EIO, "wireguard-go answers without end"));
    // An empty line ends an answer; keys and values hold none.
    else if (endsWithEmptyLine(chunks)) socket.end();
  });
  socket.once("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  socket.once("error", (error: NodeJS.ErrnoException) =>
    reject(
      signal.aborted || error instanceof NetlinkError
        ? error
        : new NetlinkError(ERRNO.ENODEV, "wireguard-go is not there", { cause: error }),
    ),
  );
  socket.write(`${request}\n`, "latin1");
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}

const EIO = 5;
const NEWLINE = 0x0a;

function endsWithEmptyLine(chunks: readonly Buffer[]): boolean {
  const last = chunks.at(-1);
  if (last?.at(-1) !== NEWLINE) return false;
  return (last.length > 1 ? last.at(-2) : chunks.at(-2)?.at(-1)) === NEWLINE;
}
