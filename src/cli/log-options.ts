import { Option } from 'commander';

/** What the options below become. */
export interface LogFlags {
  readonly log: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
}

/** `--log`: from which level on the system log has lines. */
export function logLevel(): Option {
  return new Option('--log <level>', 'lowest level to write to the system log')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('info')
    .env('FAIRLEAD_LOG');
}

export function logFormat(): Option {
  return new Option('--log-format <format>', 'format of the system log')
    .choices(['json', 'pretty'])
    .default('json')
    .env('FAIRLEAD_LOG_FORMAT');
}
