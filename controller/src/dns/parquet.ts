import { zstdCompressSync } from "node:zlib";
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { PairView } from "./questions.ts";

/** Columns of an export, and what of a pair stands in them; names as in the CSV. */
interface Field {
  readonly name: string;
  readonly type: "STRING" | "INT32" | "TIMESTAMP";
  readonly of: (pair: PairView) => string | number | Date | null;
}

const FIELDS: readonly Field[] = [
  { name: "time", type: "TIMESTAMP", of: ({ timeMs }) => new Date(timeMs) },
  { name: "node", type: "STRING", of: ({ node }) => node },
  { name: "point", type: "STRING", of: ({ point }) => point },
  { name: "class", type: "STRING", of: (pair) => pair.class },
  { name: "seen", type: "STRING", of: ({ half }) => half },
  { name: "transport", type: "STRING", of: ({ transport }) => transport },
  { name: "client", type: "STRING", of: ({ client }) => client },
  { name: "client_port", type: "INT32", of: ({ clientPort }) => clientPort },
  { name: "server", type: "STRING", of: ({ server }) => server },
  { name: "name", type: "STRING", of: ({ name }) => name },
  { name: "type", type: "INT32", of: ({ type }) => type },
  { name: "rcode", type: "INT32", of: ({ rcode }) => rcode },
  { name: "aaaa_outcome", type: "STRING", of: ({ outcome }) => outcome },
  { name: "latency_us", type: "INT32", of: ({ latencyUs }) => latencyUs },
  { name: "query_octets", type: "INT32", of: ({ querySize }) => querySize },
  { name: "response_octets", type: "INT32", of: ({ responseSize }) => responseSize },
  { name: "retries", type: "INT32", of: ({ retries }) => retries },
  { name: "answers", type: "STRING", of: ({ answers }) => answers.join(" ; ") },
];

/** Rows of a group: columns of so many lie in memory at once. */
const GROUP_ROWS = 65_536;

/** An Apache Parquet file, written piece by piece; columns are compressed with Zstandard. */
export class ParquetExport {
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;

  constructor() {
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData: columnsOf([]) }),
      codec: "ZSTD",
      compressors: { ZSTD: (input) => zstdCompressSync(input) },
      createdBy: "vsix",
    });
  }

  add(pairs: readonly PairView[]): Uint8Array<ArrayBuffer> {
    if (pairs.length > 0) void this.#writer.write({ columnData: columnsOf(pairs), rowGroupSize: GROUP_ROWS });
    return this.#take();
  }

  /** The file's last octets: it cannot be read without. */
  finish(): Uint8Array<ArrayBuffer> {
    void this.#writer.finish();
    return this.#take();
  }

  /** What has been written since the last time. */
  #take(): Uint8Array<ArrayBuffer> {
    const bytes = Uint8Array.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return bytes;
  }
}

function columnsOf(pairs: readonly PairView[]): ColumnSource[] {
  return FIELDS.map(({ name, type, of }) => ({ name, type, nullable: true, data: pairs.map(of) }));
}
