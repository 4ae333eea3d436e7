/** A Lua script of ours; a server that has seen it runs it by its SHA-1. */
export interface Script {
  readonly lua: string;
  /** Of `lua`, in hexadecimal. */
  readonly sha1: string;
}

export interface ScriptCall {
  /** All in one slot of a cluster: they share one `{tag}`. The runner puts its prefix before each. */
  readonly keys: readonly string[];
  readonly arguments: readonly string[];
}

/** What limits need of a shared store: one script, in one step. Calls of one turn make one round trip. */
export interface ScriptRunner {
  /** True while calls can succeed. */
  readonly isReady: boolean;
  /** Rejects, whatever is wrong, and after a time of its own without an answer; then it is not known whether the script ran. */
  run(script: Script, call: ScriptCall): Promise<unknown>;
}
