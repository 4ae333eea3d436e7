/**
 * Texts that somebody wrote as a reference and that are none: taken as they stand, `${evn:KEY}` would be the
 * key itself, and anybody who reads the policy knows it.
 */
export interface ReferenceSlip {
  /** What was probably meant. */
  readonly meant: string | undefined;
  /** False: it could hold a secret after all, so it is not repeated. */
  readonly isShown: boolean;
  /** Nothing but a placeholder, so no secret either where it is all that a file or a variable holds. */
  readonly isWhole: boolean;
}

/** `${evn:X}`, `${X}`, `${env:X` without its end. */
const BRACED = /^\$\{\s*(?:([A-Za-z_]+)\s*:\s*)?([\w./-]+)\s*\}?$/;
/** `$X`; in capitals it is no password. */
const SHELL = /^\$([A-Za-z_]\w*)$/;
const CAPITALS = /^[A-Z][A-Z0-9_]*$/;
/** `{{ X }}`, `{{ .Values.x }}` of templates. */
const TEMPLATE = /^\{\{-?\s*([\w.$ /"'()|-]+?)\s*-?\}\}$/;
/** `file:///run/x`, `vault://x`, `env:X`. */
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(\S*)$/i;
const BARE_SCHEME = /^(env|file):(\S+)$/i;
/** `${X:-y}`, `{{ X | default "y" }}`: with other signs inside than a name has, which may be a secret. */
const PLACEHOLDER = /^(\$\{[^{}]*\}?|\{\{.*\}\})$/s;
const HIDDEN: ReferenceSlip = { meant: undefined, isShown: false, isWhole: false };

/** Undefined: the text looks like nothing but itself. `isUrl`: the field wants a URL, so a scheme is its own. */
export function slipOf(
  text: string,
  { isUrl }: { readonly isUrl: boolean },
): ReferenceSlip | undefined {
  const braced = BRACED.exec(text);
  if (braced !== null) return whole(meantBy(braced[1], braced[2]!));
  if (text.includes('${') || /\{\{.*\}\}/s.test(text)) return slipOfTemplate(text);
  const shell = SHELL.exec(text)?.[1];
  if (shell !== undefined) {
    return CAPITALS.test(shell) ? whole(variable(shell)) : HIDDEN;
  }
  if (isUrl) return undefined;
  const scheme = SCHEME.exec(text) ?? BARE_SCHEME.exec(text);
  return scheme === null ? undefined : slipOfScheme(scheme[1]!.toLowerCase(), scheme[2]!);
}

function slipOfTemplate(text: string): ReferenceSlip {
  const inner = TEMPLATE.exec(text)?.[1];
  if (inner === undefined) return { ...HIDDEN, isWhole: PLACEHOLDER.test(text) };
  return whole(CAPITALS.test(inner) ? variable(inner) : undefined);
}

function meantBy(scheme: string | undefined, name: string): string {
  if (scheme === undefined) return CAPITALS.test(name) ? variable(name) : file(name);
  return isNearer(scheme.toLowerCase(), 'file', 'env') ? file(name) : variable(name);
}

function slipOfScheme(scheme: string, rest: string): ReferenceSlip {
  if (rest === '') return HIDDEN;
  if (scheme === 'file') return whole(file(rest));
  return scheme === 'env' ? whole(variable(rest)) : HIDDEN;
}

function whole(meant: string | undefined): ReferenceSlip {
  return { meant, isShown: true, isWhole: true };
}

/** By the letters that they share: a slip keeps most of them. */
function isNearer(found: string, one: string, other: string): boolean {
  const shared = (word: string) => word.split('').filter((letter) => found.includes(letter)).length;
  return shared(one) / one.length > shared(other) / other.length;
}

function variable(name: string): string {
  return `\${env:${name}}`;
}

function file(path: string): string {
  return `\${file:${path}}`;
}
