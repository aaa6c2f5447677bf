import { type ServiceEnvironment, watchdogEveryMs } from "@vsix/shared/service/watchdog.ts";
import { native } from "../../native/load.ts";

/** unix(7). */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SUN_PATH_MAX = 108;

/**
 * Tells the service manager how this process is (sd_notify(3)), by the addon's socket: Node has no unix datagrams, and so no
 * other process needs to be believed (NotifyAccess=main). Without a manager it says nothing.
 */
export class ServiceManager implements Disposable {
  readonly #environment: ServiceEnvironment;
  #timer: NodeJS.Timeout | undefined;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
  }

  /** It serves. From now on says that it lives, as often as the manager asks; a loop that stands still says nothing. */
  ready(): void {
    this.#tell("READY=1");
    const everyMs = watchdogEveryMs(this.#environment, process.pid);
    if (everyMs !== undefined) this.#timer = setInterval(() => this.#tell("WATCHDOG=1"), everyMs).unref();
  }

  /** It ends in order. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#tell("STOPPING=1");
  }

  /** A manager that does not listen loses a word; it will miss it by itself. */
  #tell(state: string): void {
    const { socket: path } = this.#environment;
    if (path === undefined) return;
    const address = unixAddress(path);
    if (address === undefined) return;
    const socket = new (native().Socket)(AF_UNIX, SOCK_DGRAM, 0);
    try {
      socket.send(Buffer.from(state), address);
    } finally {
      socket.close();
    }
  }
}

/** struct sockaddr_un, little endian as all our machines; "@" begins a name of the abstract namespace. undefined: none fits. */
export function unixAddress(path: string): Uint8Array | undefined {
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : path);
  if (name.length < 2 || name.length >= SUN_PATH_MAX || (name[0] !== 0 && name[0] !== 0x2f)) return undefined;
  const address = Buffer.alloc(2 + name.length);
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
}
