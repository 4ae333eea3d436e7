import type { DestinationStream } from 'pino';

/** Turns JSON lines into lines for people: `12:00:00.000 warn  message  key=value`. Values stay escaped; in a message quotes are plain. */
export function prettyLines(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${prettyLine(line)}\n`) };
}

function prettyLine(line: string): string {
  const { time, level, message, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const clock = String(time).slice(11, 23);
  const text = JSON.stringify(message ?? '')
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (escape, what) => (what === '"' ? what : escape));
  return [clock, String(level).padEnd(5), text, ...fields].join(' ');
}
