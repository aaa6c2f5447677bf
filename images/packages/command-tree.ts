/** A program's commands as a value: what its manual page and its completion are made from. Pure. */
export interface CommandNode {
  readonly name: string;
  readonly description: string;
  /** As people write them: `<edge>`, `[target]`. */
  readonly operands: readonly string[];
  readonly options: readonly CommandOption[];
  readonly commands: readonly CommandNode[];
}

export interface CommandOption {
  /** `-o, --output <dir>` */
  readonly flags: string;
  readonly names: readonly string[];
  /** Placeholder of its value; undefined: it has none. */
  readonly value: string | undefined;
  readonly description: string;
}

/** What is read of commander's objects (its public properties), and nothing else. */
export interface CommanderCommand {
  name(): string;
  description(): string;
  readonly commands: readonly CommanderCommand[];
  readonly options: readonly {
    readonly flags: string;
    readonly description: string;
    readonly hidden: boolean;
  }[];
  readonly registeredArguments: readonly {
    name(): string;
    readonly required: boolean;
    readonly variadic: boolean;
  }[];
}

export function fromCommander(command: CommanderCommand): CommandNode {
  return {
    name: command.name(),
    description: command.description(),
    operands: command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    }),
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description }) => ({ flags, ...partsOf(flags), description })),
    commands: command.commands.map(fromCommander),
  };
}

function partsOf(flags: string): Pick<CommandOption, "names" | "value"> {
  return { names: flags.match(/(?<=^|[ ,])--?[\w-]+/g) ?? [], value: /[<[]([^>\]]+)[>\]]$/.exec(flags)?.[1] };
}

/**
 * From a usage text, where a line that begins with the program's name begins a form of a command, and lines that begin with more
 * blanks go on with it: words up to the first operand are commands, `--name VALUE` options.
 */
export function fromUsage(program: string, usage: string): CommandNode {
  const root: Building = { name: program, options: new Map(), commands: new Map() };
  let at = root;
  for (const line of usage.split("\n")) {
    const form = new RegExp(`^\\s*(?:usage: )?${program} (.*)$`).exec(line)?.[1];
    if (form !== undefined) {
      const synopsis = form.split(/ {3,}(?![ -])/)[0] ?? "";
      const words = synopsis.split(/[\s|]+/);
      const [first = "", second = ""] = words;
      at = /^[a-z]+$/.test(first) ? child(root, first) : root;
      if (/^[a-z]+$/.test(second) && at !== root)
        for (const word of alternatives(words.slice(1))) child(at, word);
      if (/^[a-z]+$/.test(second) && !synopsis.includes("|")) at = child(at, second);
      takeOptions(at, synopsis);
    } else if (/^\s{4,}/.test(line)) takeOptions(at, line.trim().split(/ {3,}(?![ -])/)[0] ?? "");
    else at = root;
  }
  return finish(root);
}

interface Building {
  readonly name: string;
  readonly options: Map<string, CommandOption>;
  readonly commands: Map<string, Building>;
}

function child(of: Building, name: string): Building {
  const found = of.commands.get(name) ?? { name, options: new Map(), commands: new Map() };
  of.commands.set(name, found);
  return found;
}

/** `list | ack TARGET | silence TARGET`: words in lower case that stand where a command can. */
function alternatives(words: readonly string[]): readonly string[] {
  return words.filter((word, i) => /^[a-z]+$/.test(word) && !(words[i - 1] ?? "").startsWith("--"));
}

function takeOptions(of: Building, text: string): void {
  for (const [, name = "", value] of text.matchAll(
    /(--[a-z][a-z0-9-]*)(?:[ =]([A-Z][A-Z0-9]*(?:=[A-Z]+)?|[a-z0-9]+(?:\|[a-z0-9]+)+))?/g,
  ))
    of.options.set(name, {
      flags: value === undefined ? name : `${name} ${value}`,
      names: [name],
      value,
      description: "",
    });
}

/** What a command takes, its sub-commands take too. */
function finish(
  { name, options: own, commands }: Building,
  inherited: Building["options"] = new Map(),
): CommandNode {
  const options = new Map([...inherited, ...own]);
  return {
    name,
    description: "",
    operands: [],
    options: [...options.values()],
    commands: [...commands.values()].map((one) => finish(one, options)),
  };
}
