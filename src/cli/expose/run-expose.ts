import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLoopbackHost } from '../../core/network-addresses.ts';
import { Complaint, orComplain } from '../complaint.ts';
import type { LogFlags } from '../log-options.ts';
import { runGateway } from '../run/run-gateway.ts';
import type { ExposedLogin } from './exposed-policy.ts';
import { addressOf, curlLine, writeExposed, writePolicy } from './write-exposed.ts';
import type { Exposed } from './write-exposed.ts';

export interface ExposeOptions extends Exposed {
  readonly login: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecretFile: string | undefined;
  readonly isPublic: boolean;
  /** The policy is left there, and nothing serves. */
  readonly write: string | undefined;
  readonly log: LogFlags['log'];
  readonly version: string;
}

/**
 * Serves one application at once, with a certificate that is made and kept. 0: it was stopped, or the policy was
 * written; 2: the options do not go together; else as `fairlead run`.
 */
export function runExpose(options: ExposeOptions): Promise<number> {
  return orComplain(() => expose(options));
}

async function expose(options: ExposeOptions): Promise<number> {
  const complaint = complaintOf(options);
  if (complaint !== undefined) throw new Complaint(complaint);
  const { write: directory } = options;
  if (directory === undefined) return serve(options);
  await writeExposed(options, { directory, login: await loginOf(options, directory) });
  return 0;
}

function complaintOf(options: ExposeOptions): string | undefined {
  const { target, link, login, clientId, clientSecretFile, isPublic, listen } = options;
  if (target.kind === 'key' && link === undefined) {
    return `${target.routingKey} is a routing key, so --link must name a link file ("skupper link generate" prints one)`;
  }
  if (login !== undefined && (clientId === undefined || clientSecretFile === undefined)) {
    return '--login needs --client-id and --client-secret-file, as the issuer registered them';
  }
  const address = listen.replace(/:?\d+$/, '').replace(/^\[|\]$/g, '');
  if (isLoopbackHost(address) || login !== undefined || isPublic) return undefined;
  return `other machines reach --listen ${listen}: add --login, or --public to let everybody in`;
}

async function serve(options: ExposeOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-expose-'));
  try {
    const login = await loginOf(options, directory);
    await writePolicy(options, { directory, login, certificates: keptCertificates() });
    return await runGateway({
      directory,
      testOnReload: false,
      log: options.log,
      logFormat: 'pretty',
      version: options.version,
      isPassing: true,
      onServing: (port) => process.stdout.write(announcement(options, port)),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The secret is copied, so that the folder is whole. */
async function loginOf(
  { login, clientId, clientSecretFile }: ExposeOptions,
  directory: string,
): Promise<ExposedLogin | undefined> {
  if (login === undefined) return undefined;
  const secret = (await readFile(clientSecretFile!, 'utf8')).trim();
  await mkdir(join(directory, 'secrets'), { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'secrets', 'client'), secret, { mode: 0o600 });
  return { issuer: login, clientId: clientId!, secret: '${file:secrets/client}' };
}

/** XDG Base Directory Specification: data of this user that is kept. */
function keptCertificates(): string {
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  return join(data, 'fairlead', 'dev-certificates');
}

function announcement({ host, login }: ExposeOptions, port: number): string {
  const url = addressOf(host, port);
  const ca = join(keptCertificates(), 'ca.crt');
  const register =
    login === undefined
      ? ''
      : `register ${url}.fairlead/people/callback   (redirect URI, at the issuer)\n`;
  return `serving  ${url}
try      ${curlLine({ host }, { port, ca })}
${register}keep     --write DIR leaves this policy as files to go on from
stop     Ctrl-C
`;
}
