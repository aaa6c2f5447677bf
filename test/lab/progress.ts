/** Says what is being done: no step of the lab waits silently. */
export interface Progress {
  /** A new step begins. */
  step(text: string): void;
  /** The step goes on, with news. */
  update(text: string): void;
  /** A result worth keeping. */
  note(text: string): void;
}

export const silentProgress: Progress = { step: () => {}, update: () => {}, note: () => {} };

/** Writes steps to a stream; updates overwrite each other on a terminal and come every 5 s elsewhere. */
export function streamProgress(stream: NodeJS.WriteStream): Progress {
  const started = performance.now();
  let lastUpdate = 0;
  let open = false;
  const clock = (): string => `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  `;
  const finish = (): void => {
    if (open) stream.write("\n");
    open = false;
  };
  const line = (text: string): void => {
    finish();
    stream.write(`${clock()}${text}\n`);
    lastUpdate = performance.now();
  };
  return {
    step: line,
    note: line,
    update: (text) => {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${clock()}  ${text}`);
        open = true;
      } else if (performance.now() - lastUpdate > 5000) line(`  ${text}`);
    },
  };
}
