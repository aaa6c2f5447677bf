import { parentPort, workerData } from "node:worker_threads";
import { openDatabase, openReader } from "./database.ts";
import { ReaderDesk } from "./reader-desk.ts";
import { WriterDesk } from "./writer-desk.ts";

/** A thread that holds captured DNS: `writer` stores and counts, `reader` answers questions. One request after the other. */

interface Start {
  readonly role: "writer" | "reader";
  readonly file: string;
}

interface Request {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

const { role, file } = workerData as Start;
const db = role === "writer" ? openDatabase(file) : openReader(file);
const { requests } = role === "writer" ? new WriterDesk(db) : new ReaderDesk(db);
const desk = new Map<string, (argument: never) => unknown>(Object.entries(requests));

parentPort?.on("message", ({ id, name, argument }: Request) => {
  if (name === "close") {
    db.close();
    parentPort?.close();
    return;
  }
  try {
    const value = desk.get(name)?.(argument as never);
    const transfer = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
    parentPort?.postMessage({ id, value }, transfer);
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    parentPort?.postMessage({
      id,
      error: {
        code: typeof code === "string" ? code : "internal",
        message: error instanceof Error ? error.message : String(error),
      },
    });
  }
});
