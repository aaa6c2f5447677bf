/**
 * Looks an entry up in a list that a message of a node holds; of several with one key the first, as `find` does. A message never
 * changes once it has come, so its list is put in order when it is first asked and forgotten with it: the status of 500 nodes asks a
 * message of 500 entries for each of them.
 */
export function toldIndex<Message extends object, Entry>(
  listOf: (message: Message) => readonly Entry[],
  keyOf: (entry: Entry) => string,
): (message: Message | undefined, key: string) => Entry | undefined {
  const indexes = new WeakMap<Message, ReadonlyMap<string, Entry>>();
  return (message, key) => {
    if (message === undefined) return undefined;
    let index = indexes.get(message);
    if (index === undefined) {
      const made = new Map<string, Entry>();
      for (const entry of listOf(message)) if (!made.has(keyOf(entry))) made.set(keyOf(entry), entry);
      indexes.set(message, made);
      index = made;
    }
    return index.get(key);
  };
}
