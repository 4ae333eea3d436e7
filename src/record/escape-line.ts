import type { DestinationStream } from 'pino';
import { escapeControls } from './json-line.ts';

/**
 * JSON escapes CR, LF and ESC itself; this escapes what it leaves, so no text from outside can break a
 * line or move a cursor (R-50).
 */
export function escapeLine(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(escapeControls(line)) };
}
