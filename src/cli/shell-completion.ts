// Completion scripts for bash, zsh and fish, made from the commands themselves so that they never lag behind.

/** A verb as the scripts need it. */
export interface CompletedVerb {
  readonly name: string;
  readonly description: string;
  /** Long options with their dashes. */
  readonly options: readonly string[];
  /** Words that its first argument may be. */
  readonly choices: readonly string[];
  /** Whether an argument names a job or a pipeline. */
  readonly takesJob: boolean;
}

export type Shell = "bash" | "zsh" | "fish";

/** The text to be evaluated by the shell. Names of jobs are asked for with `millrace jobs --names` when they are needed. */
export function createCompletion(shell: Shell, verbs: readonly CompletedVerb[]): string {
  switch (shell) {
    case "bash":
      return createBash(verbs);
    case "zsh":
      return createZsh(verbs);
    case "fish":
      return createFish(verbs);
  }
}

const jobNames = "$(millrace jobs --names 2>/dev/null)";

// Enough for bash 3.2, which macOS still has.
function createBash(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(({ name, options, choices, takesJob }) => {
    const words = [...choices, ...(takesJob ? [jobNames] : [])].join(" ");
    return `    ${name})
      case "$word" in
        -*) COMPREPLY=($(compgen -W "${options.join(" ")}" -- "$word")) ;;
        *) COMPREPLY=($(compgen -W "${words}" -- "$word")) ;;
      esac ;;`;
  });
  return `# bash completion of millrace: eval "$(millrace completion bash)"
_millrace() {
  local word="\${COMP_WORDS[COMP_CWORD]}" verb="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --project | --server) ((i++)) ;;
      -*) ;;
      *) verb="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$verb" in
    "") COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(" ")}" -- "$word")) ;;
${cases.join("\n")}
  esac
}
complete -o default -F _millrace millrace
`;
}

function createZsh(verbs: readonly CompletedVerb[]): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const described = verbs.map(
    ({ name, description }) => `    ${quote(`${name}:${description.replaceAll(":", "\\:")}`)}`,
  );
  const cases = verbs.map(({ name, options, choices, takesJob }) => {
    const jobs = takesJob ? ` \${(f)"${jobNames}"}` : "";
    return `    ${name}) compadd -- ${options.join(" ")} ${choices.join(" ")}${jobs} ;;`;
  });
  return `#compdef millrace
# zsh completion of millrace: eval "$(millrace completion zsh)"
_millrace() {
  local -a verbs
  verbs=(
${described.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe 'command' verbs
    return
  fi
  case "\${words[2]}" in
${cases.join("\n")}
  esac
}
compdef _millrace millrace
`;
}

function createFish(verbs: readonly CompletedVerb[]): string {
  const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = verbs.flatMap(({ name, description, options, choices, takesJob }) => {
    const within = `complete -c millrace -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c millrace -n __fish_use_subcommand -a ${name} -d ${quote(description)}`,
      ...options.map((option) => `${within} -l ${option.slice(2)}`),
      ...(choices.length === 0 ? [] : [`${within} -a ${quote(choices.join(" "))}`]),
      ...(takesJob ? [`${within} -a '(millrace jobs --names 2>/dev/null)'`] : []),
    ];
  });
  return `# fish completion of millrace: millrace completion fish | source
complete -c millrace -f
${lines.join("\n")}
`;
}
