import type { CommandNode } from "./command-tree.ts";

/** Completion for bash of a program's commands and options; values that name files complete as files. Pure. */
export function bashCompletion(program: CommandNode): string {
  const paths = [...pathsOf(program, "")];
  const inner = paths.filter(({ path }) => path !== "").map(({ path }) => `'${path}'`);
  const cases = paths.map(({ path, node }) => {
    const words = [...node.commands.map(({ name }) => name), ...node.options.flatMap(({ names }) => names)];
    return `    '${path}') words='${[...new Set([...words, "--help"])].join(" ")}' ;;\n`;
  });
  const valued = [
    ...new Set(
      paths.flatMap(({ node }) => node.options.filter(({ value }) => value).flatMap(({ names }) => names)),
    ),
  ];
  const name = `_${program.name.replaceAll("-", "_")}`;
  return `# bash completion for ${program.name}
${name}()
{
    local cur prev word path= words= i
    cur=\${COMP_WORDS[COMP_CWORD]}
    prev=\${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=\${path:+$path }\${COMP_WORDS[i]}
        case $word in
            ${inner.join(" | ") || "''"}) path=$word ;;
        esac
    done
    case $prev in
        # A value: a file, or what nobody but the user knows.
        ${valued.sort().join(" | ") || "''"}) return ;;
    esac
    case $path in
${cases.join("").replaceAll(/^ {4}/gm, "        ")}    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o default -F ${name} ${program.name}
`;
}

function* pathsOf(
  node: CommandNode,
  path: string,
): Generator<{ readonly path: string; readonly node: CommandNode }> {
  yield { path, node };
  for (const one of node.commands) yield* pathsOf(one, path === "" ? one.name : `${path} ${one.name}`);
}
