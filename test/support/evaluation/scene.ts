import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import type { LoadedSet } from '../../../src/app/load/load-policy-set.ts';
import type { InboundRequest } from '../../../src/core/message.ts';
import { formatIssues } from '../../../src/policy/issues/issue-format.ts';
import { FakeBody, inboundRequest } from '../fakes/message.ts';
import { writeFiles } from '../policy/policy-set.ts';
import type { Asking } from './acts.ts';
import type { Members } from './policies.ts';
import type { Tokens } from './tokens.ts';

/** A generated policy as files; JSON is YAML. */
export function policyFiles(
  { perAddress, ...members }: Members,
  providers: object,
  port: number,
): Readonly<Record<string, string>> {
  const gateway = {
    listen: { https: '127.0.0.1:0' },
    admin: { listen: '127.0.0.1:0' },
    certificates: ['certs'],
    ...(perAddress !== undefined && { limits: { perClientAddress: { rate: perAddress } } }),
  };
  const services = { app: { via: 'tcp', host: '127.0.0.1', port } };
  const set = { ...members, services, providers };
  return {
    'gateway.yaml': JSON.stringify({ version: 1, gateway }, null, 1),
    'policy.yaml': JSON.stringify(set, null, 1),
  };
}

export async function load(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<Extract<LoadedSet, { kind: 'ok' }>> {
  await writeFiles(directory, files);
  const set = await loadPolicySet(directory, { generation: 1, cwd: directory, env: {} });
  if (set.kind === 'errors') throw new Error(formatIssues(set.issues, { format: 'text' }));
  return set;
}

/** The fields that a client sends for what was generated. */
export function fieldsOf({ fields, token }: Asking, tokens: Tokens): string[] {
  const authorization = tokens.field(token);
  return authorization === undefined ? [...fields] : [...fields, 'authorization', authorization];
}

/** The request as a listener hands it on. */
export function requestOf(asking: Asking, tokens: Tokens, nowMs: number): InboundRequest {
  const { method, target, host, bodyBytes, upgrade, address } = asking;
  const plain = inboundRequest();
  return {
    ...plain,
    connection: { ...plain.connection, remoteAddress: address, peerAddress: address },
    clientAddress: address,
    method,
    target,
    host,
    authority: host,
    headers: ['host', host, ...fieldsOf(asking, tokens)],
    body: new FakeBody(bodyBytes),
    upgrade: upgrade ? 'websocket' : undefined,
    receivedAtMs: nowMs,
  };
}
