import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import { escapeControls } from './json-line.ts';
import { prettyLines } from './pretty-lines.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;
type LogCall = (message: string, fields?: LogFields) => void;

/** What the gateway says about itself; exchanges have the access log. */
export interface Log {
  readonly debug: LogCall;
  readonly info: LogCall;
  readonly warn: LogCall;
  readonly error: LogCall;
  /** The same log with fields that every line carries. */
  with(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  readonly destination: DestinationStream;
}

/** Field names whose values are never printed, whoever passes them; a `Secret` hides itself. */
const REDACTED = ['authorization', 'cookie', 'password', 'secret', 'token', 'key', 'keyPem'];

export function createLog(options: LogOptions): Log {
  const escaped = escapeLine(options.destination);
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)],
        censor: '[redacted]',
      },
    },
    options.format === 'json' ? escaped : prettyLines(escaped),
  );
  return logOf(logger);
}

function logOf(logger: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => logOf(logger.child(fields)),
  };
}

/**
 * JSON escapes CR, LF and ESC itself; this escapes what it leaves, so no text from outside can break a
 * line or move a cursor (R-50).
 */
function escapeLine(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(escapeControls(line)) };
}
