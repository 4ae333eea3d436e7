import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { issue, makeCa } from '../tools/certificates.ts';
import type { FrameClientOptions } from '../routers/frame-client.ts';

export interface PolicySetOptions {
  /** YAML appended to the set: `services`, `routes`, `tenants` … without `version` and `gateway`. */
  readonly policy: string;
  /** Members of `gateway` beside those made here, as YAML lines. */
  readonly gateway?: string;
  /** Members of `gateway.listen` beside `https`, in flow form. */
  readonly listen?: string;
  /** Routers of `network.link`. */
  readonly links?: readonly FrameClientOptions[];
  /** Members of `network` beside `link`, as YAML lines. */
  readonly network?: string;
  /** Other files of the set, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Host names of the certificate that the set brings. */
const NAMES = ['app.example.test', '*.wild.example.test', 'other.example.test', 'localhost'];

export interface WrittenSet {
  readonly directory: string;
  readonly caPem: string;
}

/** A folder of its own with a whole set: certificate, gateway on ports 0, links, and the given policy. */
export async function writePolicySet(options: PolicySetOptions): Promise<WrittenSet> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-gateway-'));
  const ca = await makeCa('test clients');
  const server = await issue(ca, { names: NAMES });
  await writeFiles(directory, {
    'certs/tls.crt': server.certPem,
    'certs/tls.key': server.keyPem,
    'gateway.yaml': gatewayYaml(options),
    'policy.yaml': options.policy,
    ...linkFiles(options.links ?? []),
    ...options.files,
  });
  return { directory, caPem: ca.certPem };
}

/** Writes files below the directory, folders included. */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

function gatewayYaml(options: PolicySetOptions): string {
  const { gateway = '', listen, network = '', links = [] } = options;
  const beside = listen === undefined ? '' : `, ${listen}`;
  const lines = [
    'version: 1',
    'gateway:',
    `  listen: { https: "127.0.0.1:0"${beside} }`,
    // What the test says of these replaces them.
    ...(/^certificates:/m.test(gateway) ? [] : ['  certificates: [certs]']),
    ...(/^admin:/m.test(gateway) ? [] : ['  admin: { listen: "127.0.0.1:0" }']),
    ...indented(gateway),
  ];
  if (links.length === 0) return `${lines.join('\n')}\n`;
  const list = links.map(({ host, port }, index) => {
    const folder = `links/${index}`;
    return `    - { host: ${quoted(host)}, port: ${port}, ca: ${folder}/ca.crt, cert: ${folder}/tls.crt, key: ${folder}/tls.key }`;
  });
  return `${[...lines, 'network:', '  link:', ...list, ...indented(network)].join('\n')}\n`;
}

function linkFiles(links: readonly FrameClientOptions[]): Record<string, string> {
  return Object.fromEntries(
    links.flatMap(({ ca, cert, key }, index) => [
      [`links/${index}/ca.crt`, ca],
      [`links/${index}/tls.crt`, cert ?? ''],
      [`links/${index}/tls.key`, key ?? ''],
    ]),
  );
}

function indented(yaml: string): string[] {
  return yaml
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `  ${line}`);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
