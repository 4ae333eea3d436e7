import type { DestinationStream } from 'pino';

/** DEL, C1 controls and the line separators: JSON leaves them raw, terminals and viewers obey them. */
const RAW_CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * JSON escapes CR, LF and ESC itself; this escapes what it leaves, so no text from outside can break a
 * line or move a cursor (R-50). In JSON these characters stand only inside strings.
 */
export function escapeLine(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(line.replace(RAW_CONTROLS, escapeCharacter)) };
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
