import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";

/**
 * One process alone writes into a directory: SQLite's exclusive lock on the file `lock` in it, which ends with the process
 * however it ends. Nothing is stored there.
 */
export class DirectoryClaim implements Disposable {
  readonly #database: InstanceType<typeof SqliteDatabase>;

  private constructor(database: InstanceType<typeof SqliteDatabase>) {
    this.#database = database;
  }

  /** Undefined while another process holds it. Throws what the file system throws. */
  static take(directory: string): DirectoryClaim | undefined {
    const file = join(directory, "lock");
    makePrivately(file);
    const database = new SqliteDatabase(file, { timeout: 0 });
    try {
      database.exec("BEGIN EXCLUSIVE");
      return new DirectoryClaim(database);
    } catch (cause) {
      database.close();
      if (cause instanceof SqliteDatabase.SqliteError && cause.code.startsWith("SQLITE_BUSY"))
        return undefined;
      throw cause;
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** Whoever may read the file can lock it. It is not opened where it is: closing it would end this process's own lock (fcntl(2)). */
function makePrivately(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  }
}
