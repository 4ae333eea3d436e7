import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { LRUCache } from 'lru-cache';
import { Agent, fetch as undiciFetch } from 'undici';
import { DEADLINES } from '../core/deadlines.ts';
import { bareHost, isAddress, isPublicAddress } from '../core/network-addresses.ts';
import { type Retiree, Retirement } from '../core/retirement.ts';

/** What a plugin may ask of the connection (plugin contract, FetchInit). */
interface PluginFetchInit extends RequestInit {
  readonly allowPrivate?: boolean;
  readonly ca?: string;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
}

type ConnectionSettings = Required<Pick<PluginFetchInit, 'allowPrivate'>> &
  Pick<PluginFetchInit, 'ca' | 'clientCertificate'>;

export type PluginFetch = (input: string | URL, init?: PluginFetchInit) => Promise<Response>;

/**
 * Authorities and certificates come from policy options, so few are in use; but they are replaced as the
 * years pass, and what was not used for the longest time is let go.
 */
const MAX_AGENTS = 64;

/**
 * The `fetch` of the plugin context: undici, no redirects unless asked for, and by default no loopback,
 * private or link-local address, judged after resolution so that a name cannot lead there.
 */
export function createPluginFetch(answerMs: number = DEADLINES.pluginFetchMs): {
  readonly fetch: PluginFetch;
  close(): Promise<void>;
} {
  const retired = new Retirement<UsedAgent>();
  const agents = new LRUCache<string, UsedAgent>({
    max: MAX_AGENTS,
    dispose: (agent) => retired.retire(agent),
  });
  const agentFor = (settings: ConnectionSettings): UsedAgent => {
    const { allowPrivate, ca, clientCertificate: own } = settings;
    const key = JSON.stringify([allowPrivate, ca, own?.cert, own?.key]);
    const known = agents.get(key);
    if (known !== undefined) return known;
    const agent = new UsedAgent(createAgent(settings, answerMs));
    agents.set(key, agent);
    return agent;
  };
  return {
    fetch: async (input, init = {}) => {
      const { allowPrivate = false, ca, clientCertificate, ...rest } = init;
      const url = new URL(input);
      if (!allowPrivate) refusePrivateLiteral(url);
      const { agent: dispatcher } = agentFor({
        allowPrivate,
        ...(ca !== undefined && { ca }),
        ...(clientCertificate !== undefined && { clientCertificate }),
      });
      const request = { redirect: 'error', ...rest, dispatcher } as Parameters<
        typeof undiciFetch
      >[1];
      return undiciFetch(url, request);
    },
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => retired.close(agent)));
      await retired.closeAll();
    },
  };
}

/** An agent, and how it goes when its place is wanted: after its last answer. */
class UsedAgent implements Retiree {
  readonly agent: Agent;

  constructor(agent: Agent) {
    this.agent = agent;
  }

  retire(over: () => void): void {
    // It rejects when the agent was destroyed before, at the end of the process.
    this.agent.close().then(over, over);
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

function createAgent(settings: ConnectionSettings, answerMs: number): Agent {
  const { allowPrivate, ca, clientCertificate } = settings;
  return new Agent({
    connections: 4,
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
    connect: {
      timeout: DEADLINES.jwksFetchMs,
      ...(ca !== undefined && { ca }),
      ...(clientCertificate !== undefined && clientCertificate),
      ...(!allowPrivate && { lookup: publicLookup }),
    },
  });
}

/** A literal address is not looked up, so it is judged here. */
function refusePrivateLiteral(url: URL): void {
  const host = bareHost(url.hostname);
  if (isAddress(host) && !isPublicAddress(host)) throw privateAddress(url.hostname, host);
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

function publicLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused !== undefined) return callback(privateAddress(hostname, refused.address), []);
    if (options.all === true) return callback(null, addresses);
    const [first] = addresses;
    callback(null, first?.address ?? [], first?.family ?? 0);
  });
}

function privateAddress(name: string, address: string): NodeJS.ErrnoException {
  return new Error(
    `${name} is ${address}, which is not a public address; allowPrivate of the provider allows it`,
  );
}
