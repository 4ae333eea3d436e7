/** What stands in a line: no nested values. Undefined: the field is left out. */
export type LineFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Text that is the same in JSON: no quote, no backslash, no control, nothing beyond ASCII. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** DEL, C1 controls and the line separators: JSON leaves them raw, terminals and viewers obey them. */
const RAW_CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * One line of JSON, with its line end, that begins with the field `kind`. No text from outside can break the
 * line or move a cursor (R-50). Written here because a line is written for every request: a logger's levels, bindings and
 * serializers were a third of what it cost. Field names are ours, so they are not escaped.
 */
export function jsonLine(kind: string, fields: LineFields): string {
  let line = `{"kind":"${kind}"`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) line += `,"${name}":${jsonValue(value)}`;
  }
  return `${line}}\n`;
}

function jsonValue(value: string | number | boolean): string {
  if (typeof value === 'string') return jsonText(value);
  // JSON has no NaN and no Infinity (RFC 8259 6).
  return typeof value === 'number' && !Number.isFinite(value) ? 'null' : String(value);
}

function jsonText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return escapeControls(JSON.stringify(text));
}

/** For JSON that is made already: in it these characters stand only inside strings. */
export function escapeControls(json: string): string {
  return json.replace(RAW_CONTROLS, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
