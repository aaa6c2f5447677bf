import { KEY_HEAD } from "./pending.ts";

/** Where things stand in the head of a key, in octets: the client's address first, of the server address and port. */
const SERVER_AT = 16;
export const CLIENT_PORT_AT = 36;
export const ID_AT = 38;
export const TRANSPORT_AT = 40;
/** In words: the server, and the question behind the head. */
export const SERVER = SERVER_AT / 4;
export const QUESTION = KEY_HEAD / 4;

/**
 * Who asks whom, with which id, by which transport, as the beginning of a key: numbers big-endian, zeros between.
 * @param length octets of an address, 4 or 16. @param view in which the addresses are.
 */
export function writeHead(
  words: Int32Array,
  view: DataView,
  clientAt: number,
  serverAt: number,
  length: number,
  clientPort: number,
  serverPort: number,
  id: number,
  transport: number,
): void {
  words[0] = view.getInt32(clientAt, true);
  words[SERVER] = view.getInt32(serverAt, true);
  if (length === 16) {
    for (let i = 1; i < 4; i++) {
      words[i] = view.getInt32(clientAt + i * 4, true);
      words[SERVER + i] = view.getInt32(serverAt + i * 4, true);
    }
    words[SERVER + 4] = swapped(serverPort);
  } else {
    words.fill(0, 1, SERVER);
    words.fill(0, SERVER + 1, CLIENT_PORT_AT / 4);
    words[SERVER + 1] = swapped(serverPort);
  }
  words[CLIENT_PORT_AT / 4] = swapped(clientPort) | (swapped(id) << 16);
  words[TRANSPORT_AT / 4] = transport | (length << 8);
}

/** Two octets the other way round. */
function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
