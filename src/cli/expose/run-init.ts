import { createInterface } from 'node:readline/promises';
import { InvalidArgumentError } from 'commander';
import { Complaint, orComplain } from '../complaint.ts';
import { targetOption } from './expose-target.ts';
import type { ExposeTarget } from './expose-target.ts';
import { writeExposed } from './write-exposed.ts';

export interface InitOptions {
  readonly directory: string;
  readonly target: string | undefined;
  readonly host: string | undefined;
  readonly login: string | undefined;
  readonly clientId: string | undefined;
  readonly link: string | undefined;
}

type Ask = (question: string, fallback?: string) => Promise<string>;

/**
 * Writes a commented policy to begin with, from flags and, on a terminal, from at most five questions. 0: written;
 * 2: an answer is missing or wrong.
 */
export async function runInit(options: InitOptions): Promise<number> {
  const { stdin, stdout } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  const terminal = isTerminal ? createInterface({ input: stdin, output: stdout }) : undefined;
  const ask: Ask = async (question, fallback = '') => {
    const hint = fallback === '' ? '' : ` [${fallback}]`;
    const answer = await terminal?.question(`${question}${hint}: `);
    return answer === undefined || answer.trim() === '' ? fallback : answer.trim();
  };
  try {
    return await orComplain(() => write(options, ask));
  } finally {
    terminal?.close();
  }
}

async function write(given: InitOptions, ask: Ask): Promise<number> {
  const written =
    given.target ??
    (await ask('Port or address of the application, or its routing key in the Skupper network'));
  if (written === '') throw new Complaint('--target is missing: what is to be served.');
  const target = targetOf(written);
  const link =
    target.kind === 'local'
      ? undefined
      : (given.link ?? (await ask('Link file, as "skupper link generate" prints it')));
  if (link === '') throw new Complaint('--link is missing: a routing key needs it.');
  const host = given.host ?? (await ask('Host that clients use', 'localhost'));
  const issuer = given.login ?? (await ask('Issuer of the login (empty: no login)'));
  const login = issuer === '' ? undefined : issuer;
  const clientId =
    login === undefined
      ? undefined
      : (given.clientId ?? (await ask('Client id at the issuer', 'web')));
  await writeExposed(
    { target, host, listen: '8443', link },
    {
      directory: given.directory,
      login:
        login === undefined
          ? undefined
          : { issuer: login, clientId: clientId!, secret: '${env:OIDC_CLIENT_SECRET}' },
    },
  );
  if (login !== undefined) {
    process.stdout.write(
      'first  export OIDC_CLIENT_SECRET=…   (the secret of the client at the issuer)\n',
    );
  }
  return 0;
}

function targetOf(written: string): ExposeTarget {
  try {
    return targetOption(written);
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new Complaint(error.message) : error;
  }
}
